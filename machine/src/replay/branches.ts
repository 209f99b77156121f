/** Branches: the same as in the program, with the steps subtracted that are pending too many at the label. */
import { OPCODE } from '../isa/opcode.gen.ts'
import type { BodyValidator } from '../wasm/bodyValidator.ts'
import { OP } from '../wasm/opcodes.ts'
import type { Writer } from '../wasm/writer.ts'
import type { OperandStack } from './operandStack.ts'
import type { StepCounter } from './stepCounter.ts'
import { returnSteps, type StepReader } from './steps.ts'
import type { Stops } from './stops.ts'

const EMPTY = 0x40

export interface BranchParts {
  readonly walk: BodyValidator
  readonly out: Writer
  readonly operands: OperandStack
  readonly counter: StepCounter
  readonly steps: StepReader
  readonly exit: Stops
}

export class Branches {
  private readonly parts: BranchParts

  constructor(parts: BranchParts) {
    this.parts = parts
  }

  /** To a label; what stands behind it is dead. */
  branch(label: number): void {
    const { walk, out, operands, counter, steps, exit } = this.parts
    const frame = walk.depth - 1 - label
    operands.take(walk.labelTypes(label).length)
    counter.pending += this.stepsTo(frame, steps.start)
    counter.settle(frame)
    out.u8(OP.br)
    out.u32(exit.label(label))
  }

  branchIf(label: number): void {
    const { walk, out, operands, steps, counter, exit } = this.parts
    const frame = walk.depth - 1 - label
    const values = walk.labelTypes(label).length
    operands.take(values + 1)
    const isPlain = steps.opcode(steps.start) === OPCODE.br_if
    const more = 1 + (isPlain ? 0 : this.stepsTo(frame, steps.start + 1))
    const difference = counter.difference(frame, counter.pending + more)
    if (difference !== 0 && walk.frameOp[frame] !== OP.loop && values === 0) {
      // Subtracted only where it leaves: the way on is the more frequent one.
      out.put(OP.if, EMPTY)
      counter.subtract(difference)
      out.u8(OP.br)
      out.u32(exit.label(label) + 1)
      out.u8(OP.end)
    } else {
      counter.subtract(difference)
      counter.pending -= difference
      out.u8(OP.brIf)
      out.u32(exit.label(label))
    }
    counter.pending++
  }

  branchTable(): void {
    const { walk, out, operands, steps, counter, exit } = this.parts
    const { targets, targetCount } = walk
    const values = walk.labelTypes(targets[0]!).length
    const first = steps.start + 1
    /** By label, of those that need code on the way: the steps to subtract there. */
    const stubs = new Map<number, number>()
    for (let i = 0; i < targetCount; i++) {
      const label = targets[i]!
      const frame = walk.depth - 1 - label
      const to = steps.target(first + i)
      const isStub = to >= first + targetCount && to < steps.end
      const more = 2 + (isStub ? this.stepsTo(frame, to) : 0)
      const difference = counter.difference(frame, counter.pending + more)
      if (values > 0 || difference !== 0) stubs.set(label, difference)
    }
    const labels = [...stubs.keys()]
    if (labels.length === 0) operands.take(values + 1)
    else {
      operands.flush()
      for (const _ of labels) out.put(OP.block, EMPTY)
      operands.get(walk.height - 1, walk.height)
    }
    out.u8(OP.brTable)
    out.u32(targetCount - 1)
    const placeOf = new Map(labels.map((label, i) => [label, i]))
    for (let i = 0; i < targetCount; i++) {
      out.u32(placeOf.get(targets[i]!) ?? exit.label(targets[i]!) + labels.length)
    }
    for (const [i, label] of labels.entries()) {
      out.u8(OP.end)
      counter.subtract(stubs.get(label)!)
      operands.get(walk.height - 1 - values, walk.height - 1)
      out.u8(OP.br)
      out.u32(exit.label(label) + labels.length - 1 - i)
    }
  }

  /** Steps of a branch up to the label; a function's own stands before its return. */
  private stepsTo(frame: number, from: number): number {
    const { steps, walk } = this.parts
    return steps.untilLeft(from) - (frame === 0 ? returnSteps(walk.type.results.length) : 0)
  }
}
