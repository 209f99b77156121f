// Steps of a machine as large as a language's runtime, whose trees are made up: what a step costs depends on their shape.
import { keccakOfText } from '../../../../machine/src/io/hash.ts'
import { LEAF_BYTES, treeDepth } from '../../../../machine/src/io/merkle.ts'
import { DEPTH, type Registers, SLOTS } from '../../../../machine/src/state/state.ts'
import { type ProvenStep, proveStep } from '../../../../machine/src/step/prove.ts'
import { SparseTree } from '../../../../machine/src/testing/sparseTree.ts'

/** From one leaf to before another. */
type Range = readonly [from: number, to: number]

export interface Shape {
  readonly code: readonly Range[]
  readonly stack: readonly Range[]
  readonly slots: readonly Range[]
  readonly memory: readonly Range[]
  readonly output: readonly Range[]
  readonly input: readonly Range[]
}

const MEBI = 2 ** 20

/** CPython's code, 16 MiB of memory and one of the library's, 4,004 slots of stack, a table of 8,192 elements. */
export const RUNTIME: Shape = {
  code: [[0, 2 ** 19]],
  stack: [[0, 1_001]],
  slots: [
    [0, 4],
    [SLOTS.tables / 4, SLOTS.tables / 4 + 2_048],
    [SLOTS.tableSizes / 4, SLOTS.tableSizes / 4 + 1],
    [SLOTS.dataLengths / 4, SLOTS.dataLengths / 4 + 4],
  ],
  memory: [
    [0, (16 * MEBI) / 32],
    [2 ** 27, 2 ** 27 + MEBI / 32],
  ],
  output: [[0, 2_048]],
  input: [[0, 2 ** 15]],
}

/** No sibling is zero: nothing that anybody makes up costs more. */
export const FULL: Shape = {
  code: [[0, 2 ** 26]],
  stack: [[0, 2 ** 19]],
  slots: [[0, 2 ** 30]],
  memory: [[0, 2 ** 29]],
  output: [[0, 2 ** 27]],
  input: [[0, 2 ** 15]],
}

/** What scenes open beside the slots that they say. */
const OPEN: Shape = {
  code: [],
  stack: [
    [975, 978],
    [999, 1_002],
  ],
  slots: [
    [0, 1],
    [(SLOTS.tables + 7_000) / 4, (SLOTS.tables + 7_000) / 4 + 1],
  ],
  memory: [
    [5, 6],
    [250_000, 250_001],
    [262_143, 262_145],
    [2 ** 27, 2 ** 27 + 10],
  ],
  output: [[2_047, 2_048]],
  input: [[8, 9]],
}

const INPUT_BYTES = MEBI
const FP = 3_900
const SP = 4_004

/** A step, by the contents of the few places that it sees. */
export interface Scene {
  readonly instruction: bigint
  /** From the top down. The top stands last in a leaf of its own; with `split`, first in one. */
  readonly operands: readonly bigint[]
  readonly split?: boolean
  /** By number. */
  readonly slots?: ReadonlyMap<number, bigint>
  /** Of the stack, by number. */
  readonly locals?: ReadonlyMap<number, bigint>
}

export function provenIn(shape: Shape, scene: Scene): ProvenStep {
  const sp = SP + (scene.split ? 1 : 0)
  const registers: Registers = {
    pc: 1_000_001,
    sp,
    fp: FP,
    aux: 0,
    fuel: 10n ** 12n,
    depth: 1_500_000,
    stop: 0,
    status: 0,
    pages: [256, 16],
    outputLength: 65_521n,
    outputMax: BigInt(MEBI),
  }
  const stack = new Map(scene.locals)
  for (const [place, operand] of scene.operands.entries()) stack.set(sp - 1 - place, operand)
  const slots = {
    code: new Map([[registers.pc, scene.instruction]]),
    stack,
    slots: scene.slots ?? new Map<number, bigint>(),
  }
  const tree = (name: keyof Shape, depth: number) =>
    new ShapedTree(
      depth,
      shape[name],
      OPEN[name],
      name in slots ? slots[name as keyof typeof slots] : new Map(),
    )
  return proveStep({
    registers,
    code: tree('code', DEPTH.code),
    stack: tree('stack', DEPTH.stack),
    slots: tree('slots', DEPTH.slots),
    memory: tree('memory', DEPTH.memory),
    output: tree('output', DEPTH.output),
    input: { length: BigInt(INPUT_BYTES), tree: tree('input', treeDepth(INPUT_BYTES)) },
  })
}

/** A tree with these slots, made-up words where else the ranges say, and zeros beyond them. */
class ShapedTree extends SparseTree {
  constructor(
    depth: number,
    ranges: readonly Range[],
    open: readonly Range[],
    slots: ReadonlyMap<number, bigint>,
  ) {
    const beside = (level: number, index: number): Uint8Array => {
      const isThere = ranges.some(([from, to]) => index * 2 ** level < to && (index + 1) * 2 ** level > from)
      return isThere ? keccakOfText(`${level} ${index}`) : new Uint8Array(LEAF_BYTES)
    }
    const leaves = new Map<number, Uint8Array>()
    for (const [from, to] of open) {
      for (let index = from; index < to; index++) leaves.set(index, beside(0, index))
    }
    for (const [slot, value] of slots) {
      const index = Math.floor(slot / 4)
      const leaf = leaves.get(index) ?? new Uint8Array(LEAF_BYTES)
      leaves.set(index, leaf)
      new DataView(leaf.buffer).setBigUint64((slot % 4) * 8, value, true)
    }
    super(depth, leaves, beside)
  }
}
