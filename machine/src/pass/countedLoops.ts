/**
 * Loops whose rounds can be counted before they begin are charged for once, in front of them: in the innermost
 * loops a charge each round is a good part of what metering costs.
 *
 * Such a loop is one basic block that ends in `br_if 0`, taken while `counter + step ≠ limit`. The step is a power of
 * two or its negative; nothing else sets the counter, nothing sets the limit, and there is no other way out but a
 * trap. With counter and limit as they are in front of the loop, and d = limit − counter (mod 2^32, its negative
 * for a negative step),
 *
 *  - if the step divides d the rounds are d / |step|, or 2^32 / |step| where d is 0. So what is charged, their number
 *    times the cost of one, is just what is executed: **fuel used ≥ instructions executed**, and whatever runs was
 *    paid for before. 2^32 rounds of the dearest body are below 2^63, so nothing overflows;
 *  - otherwise the loop ends in a trap or never: no fuel is enough, and the program stops as out of fuel.
 *
 * A trap within the loop comes after all of its rounds were paid for.
 */
import { OP } from '../wasm/opcodes.ts'
import type { Writer } from '../wasm/writer.ts'
import { isAccess, isQuiet } from './rawStores.ts'

/** How a loop counts. A step of 0 stands for a loop that does not. */
export interface Count {
  readonly counter: number
  readonly step: number
  /** A local, or a constant. */
  readonly limit: number
  readonly limitIsLocal: boolean
}

/** The longest way to write the end of such a loop, without its branch. */
const LONGEST = 6

/** Looks at the instructions of a body one after another. */
export class LoopCounter {
  /** The last instructions, the latest first, and their immediates. */
  private readonly ops = new Int32Array(LONGEST)
  private readonly immediates = new Int32Array(LONGEST)
  /** Instructions since the innermost loop began, or −1 if it cannot be counted. */
  private length = -1
  /** Locals that were set since, or in the loop that ended last. */
  readonly written: number[] = []
  private found: Count | null = null

  /** A loop begins; one that takes parameters is not counted. */
  begin(parameters: number): void {
    this.length = parameters === 0 ? 0 : -1
    this.written.length = 0
    this.found = null
  }

  /** Takes the next instruction: any but a `loop`. */
  see(op: number, immediate: number): void {
    if (this.length < 0) return
    // Its branch back was not the last instruction.
    const goesOn = this.found !== null
    this.found = null
    if (op === OP.brIf && immediate === 0 && !goesOn) this.found = this.match()
    if (goesOn || (this.found === null && !isQuiet(op) && !isAccess(op))) {
      this.length = -1
      return
    }
    if (op === OP.localSet || op === OP.localTee) this.written.push(immediate)
    this.ops.copyWithin(1, 0)
    this.immediates.copyWithin(1, 0)
    this.ops[0] = op
    this.immediates[0] = immediate
    this.length++
  }

  /** The innermost loop ends here: how it counts, if its branch was the last instruction. */
  end(): Count | null {
    const { found } = this
    this.length = -1
    this.found = null
    return found
  }

  private match(): Count | null {
    const { ops, immediates } = this
    if (this.advances(0)) return this.count(0, 0, false)
    if (ops[0] !== OP.i32Ne) return null
    const limitIsLocal = ops[1] === OP.localGet
    if ((limitIsLocal || ops[1] === OP.i32Const) && this.advances(2))
      return this.count(2, immediates[1]!, limitIsLocal)
    if (this.advances(1) && ops[5] === OP.localGet) return this.count(1, immediates[5]!, true)
    return null
  }

  /** Whether the four instructions before the latest `at` add a constant to a local. */
  private advances(at: number): boolean {
    const { ops, immediates } = this
    return (
      ops[at] === OP.localTee &&
      (ops[at + 1] === OP.i32Add || ops[at + 1] === OP.i32Sub) &&
      ops[at + 2] === OP.i32Const &&
      ops[at + 3] === OP.localGet &&
      immediates[at] === immediates[at + 3]
    )
  }

  private count(at: number, limit: number, limitIsLocal: boolean): Count | null {
    const { ops, immediates, written } = this
    const needed = limitIsLocal && at === 1 ? at + 5 : at + 4
    if (this.length < needed) return null
    const counter = immediates[at]!
    const constant = immediates[at + 2]!
    const step = (ops[at + 1] === OP.i32Sub ? -constant : constant) | 0
    const size = Math.abs(step)
    if (step === 0 || (size & (size - 1)) !== 0 || size >= 2 ** 31) return null
    if (written.filter((local) => local === counter).length !== 1) return null
    if (limitIsLocal && written.includes(limit)) return null
    return { counter, step, limit, limitIsLocal }
  }
}

/** Leaves the fuel for all rounds; branches to `label` if there is no end of them. */
export function writeRounds(code: Writer, count: Count, amount: number, label: number): void {
  const size = Math.abs(count.step)
  if (size > 1) {
    writeDistance(code, count)
    code.u8(OP.i32Const)
    code.signed(size - 1)
    code.put(OP.i32And, OP.brIf)
    code.u32(label)
  }
  // One less than the rounds, so that 2^32 of them fit.
  writeDistance(code, count)
  code.u8(OP.i32Const)
  code.signed(size)
  code.u8(OP.i32Sub)
  if (size > 1) {
    code.u8(OP.i32Const)
    code.signed(Math.log2(size))
    code.u8(OP.i32ShrU)
  }
  code.put(OP.i64ExtendI32U, OP.i64Const, 1, OP.i64Add, OP.i64Const)
  code.signed(amount)
  code.u8(OP.i64Mul)
}

/** In front of a loop that ends: leaves a number that is not 0 if its rounds are odd in number. */
export function writeIsOdd(code: Writer, count: Count): void {
  writeDistance(code, count)
  code.u8(OP.i32Const)
  code.signed(Math.abs(count.step))
  code.u8(OP.i32And)
}

/** Leaves how far the counter has to go in the step's direction. */
function writeDistance(code: Writer, { counter, step, limit, limitIsLocal }: Count): void {
  const writeCounter = () => {
    code.u8(OP.localGet)
    code.u32(counter)
  }
  const writeLimit = () => {
    code.u8(limitIsLocal ? OP.localGet : OP.i32Const)
    if (limitIsLocal) code.u32(limit)
    else code.signed(limit)
  }
  if (step > 0) writeLimit()
  writeCounter()
  if (step < 0) writeLimit()
  code.u8(OP.i32Sub)
}
