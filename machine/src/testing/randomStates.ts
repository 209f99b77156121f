/**
 * Random states of the provable machine with their next ones and the witnesses of the steps, for those who check the
 * reference, and who check the contract against it. A seed gives the same state every time.
 *
 * What a state holds is made up when a trial run of the step opens it. So trees are small, and nothing that the step
 * needs is left out.
 */

import { treeDepth } from '../io/merkle.ts'
import { instructionOf } from '../isa/encoding.ts'
import { INSTRUCTIONS } from '../isa/instructions.ts'
import { Dice } from '../random/dice.ts'
import type { AllRegisters } from '../state/registers.ts'
import { DEPTH } from '../state/state.ts'
import type { Input, Opener } from '../step/machine.ts'
import { type ProvableState, type ProvenStep, proveStep } from '../step/prove.ts'
import type { Region } from '../step/region.ts'
import { step } from '../step/step.ts'
import { type Draft, fit, interestingSlot } from './randomOperands.ts'
import { SparseTree } from './sparseTree.ts'

export interface RandomStep extends ProvenStep {
  readonly seed: number
  readonly opcode: number
  /** The instruction's, or `unknown`. */
  readonly name: string
  /** All of the state before the step, with its trees. */
  readonly before: ProvableState
}

/** Opcodes of all instructions, and one that is none. */
export const RANDOM_OPCODES: readonly number[] = [...INSTRUCTIONS.map(({ opcode }) => opcode), 0xff]

const LEAF_BYTES = 32

/** A step of some instruction, or of that one. */
export function randomStep(seed: number, opcode?: number): RandomStep {
  const dice = new Dice(seed)
  const chosen = opcode ?? dice.pick(RANDOM_OPCODES)
  const before = randomState(dice, chosen)
  return {
    ...proveStep(before),
    seed,
    opcode: chosen,
    name: instructionOf(chosen)?.name ?? 'unknown',
    before,
  }
}

function randomState(dice: Dice, opcode: number): ProvableState {
  const draft = randomDraft(dice, opcode)
  const { registers } = draft
  const regions = {
    code: new TrialRegion(dice),
    // Of an honest machine's stack nothing is there from the stack pointer on.
    stack: new TrialRegion(dice, dice.chance(0.7) ? registers.sp : undefined),
    slots: new TrialRegion(dice),
    memory: new TrialRegion(dice),
    output: new TrialRegion(dice),
    input: new TrialRegion(dice),
  }
  const word = (BigInt(draft.b) << 32n) | (BigInt(draft.a) << 8n) | BigInt(opcode)
  if (registers.pc < 2 ** 28) regions.code.set(registers.pc, word)
  for (const [i, operand] of draft.operands.entries()) {
    const slot = registers.sp - 1 - i
    if (slot >= 0 && slot < 2 ** 21) regions.stack.set(slot, operand)
  }
  for (const [slot, value] of draft.slots) regions.slots.set(slot, value)

  const openInput = (): Input => ({ length: draft.inputLength, leaf: (index) => regions.input.open(index) })
  step({ ...regions, registers: copyOf(registers), openWorld: () => {}, openInput } satisfies Opener)

  // What lies beside all that is opened: nothing, or so much that no sibling is left out of the witness.
  const full = dice.chance(0.3)
  const tree = (name: keyof typeof DEPTH) => regions[name].tree(DEPTH[name], full)
  return {
    registers,
    code: tree('code'),
    stack: tree('stack'),
    slots: tree('slots'),
    memory: tree('memory'),
    output: tree('output'),
    input: {
      length: draft.inputLength,
      tree: regions.input.tree(Math.min(27, treeDepth(Number(draft.inputLength))), full),
    },
  }
}

function copyOf(registers: AllRegisters): AllRegisters {
  return { ...registers, pages: [...registers.pages] }
}

function randomDraft(dice: Dice, opcode: number): Draft {
  const registers = dice.chance(0.9) ? likelyRegisters(dice, opcode) : wildRegisters(dice)
  const lengths = [0, 1, 32, 33, dice.below(5_000), dice.below(5_000), dice.below(2 ** 32), 2 ** 32 - 1]
  const inputLength = dice.pick(dice.chance(0.9) ? lengths : [2 ** 32, 2 ** 40])
  const draft: Draft = {
    registers,
    a: dice.below(2 ** 24),
    b: dice.below(2 ** 32),
    operands: Array.from({ length: 3 }, () => interestingSlot(dice)),
    slots: new Map(),
    inputLength: dice.chance(0.02) ? dice.bits(256) : BigInt(inputLength),
  }
  const instruction = instructionOf(opcode)
  if (instruction && dice.chance(0.95)) fit(dice, instruction, draft)
  return draft
}

/** Of a machine that runs, in the middle of something. */
function likelyRegisters(dice: Dice, opcode: number): AllRegisters {
  const pops = instructionOf(opcode)?.pops ?? 0
  const height = dice.pick([dice.below(3), dice.below(20), dice.below(2 ** 21), 2 ** 21 - dice.below(6)])
  const sp = Math.min(height + (dice.chance(0.95) ? pops : 0), 2 ** 21 + (dice.chance(0.05) ? 1 : 0))
  return {
    pc: dice.chance(0.01)
      ? 2 ** 28
      : dice.pick([0, 1, 2, 3, dice.below(1_000), dice.below(2 ** 28), 2 ** 28 - 1]),
    sp,
    fp: Math.max(0, sp - dice.pick([0, 1, 2, 3, dice.below(10), dice.below(2 ** 21)])),
    aux: dice.chance(0.9) ? 0 : dice.below(2 ** 32),
    fuel: dice.bits(dice.pick([1, 40, 63, 64])),
    depth: dice.below(2 ** 21),
    stop: dice.pick([0, 0, 2, 3, 4, 255]),
    status: dice.chance(0.97) ? 0 : dice.between(1, 5),
    pages: [randomPages(dice), randomPages(dice)],
    outputLength: BigInt(dice.pick([0, dice.below(100), dice.below(2 ** 32), 2 ** 32 - dice.between(0, 40)])),
    outputMax: dice.bits(dice.pick([8, 32, 64])),
    spare: 0n,
  }
}

function randomPages(dice: Dice): number {
  return dice.pick([0, 1, 2, dice.below(65_536), dice.below(65_536), 65_535, 65_536, dice.below(2 ** 32)])
}

/** Of a machine that nobody ever ran. */
function wildRegisters(dice: Dice): AllRegisters {
  const u32 = () => dice.pick([dice.below(2 ** 32), 2 ** 32 - 1, dice.below(100)])
  return {
    pc: u32(),
    sp: u32(),
    fp: u32(),
    aux: u32(),
    fuel: dice.bits(64),
    depth: u32(),
    stop: dice.below(2 ** 16),
    status: dice.chance(0.8) ? 0 : dice.below(2 ** 16),
    pages: [u32(), u32()],
    outputLength: dice.bits(64),
    outputMax: dice.bits(64),
    spare: dice.bits(64),
  }
}

/** Leaves that come into being, with whatever in them, as they are opened. */
class TrialRegion implements Region {
  /** As they were before the step. */
  readonly #leaves = new Map<number, Uint8Array>()
  readonly #open = new Map<number, Uint8Array>()
  readonly #dice: Dice
  readonly #liveSlots: number

  /** @param liveSlots from this slot on all are zero */
  constructor(dice: Dice, liveSlots = Number.POSITIVE_INFINITY) {
    this.#dice = dice
    this.#liveSlots = liveSlots
  }

  set(slot: number, value: bigint): void {
    const leaf = this.#leaf(Math.floor(slot / 4))
    new DataView(leaf.buffer).setBigUint64((slot % 4) * 8, value, true)
  }

  open(index: number): Uint8Array {
    const leaf = this.#open.get(index) ?? this.#leaf(index).slice()
    this.#open.set(index, leaf)
    return leaf
  }

  truncate(): void {}

  tree(depth: number, full: boolean): SparseTree {
    if (!full) return new SparseTree(depth, this.#leaves)
    const liveLeaves = Math.ceil(this.#liveSlots / 4)
    const dice = new Dice(this.#dice.below(2 ** 32))
    const word = (level: number, index: number) =>
      index * 2 ** level < liveLeaves ? dice.bytes(LEAF_BYTES) : new Uint8Array(LEAF_BYTES)
    return new SparseTree(depth, this.#leaves, word)
  }

  #leaf(index: number): Uint8Array {
    let leaf = this.#leaves.get(index)
    if (!leaf) {
      const dice = this.#dice
      leaf = dice.chance(0.7) ? dice.bytes(LEAF_BYTES) : new Uint8Array(LEAF_BYTES)
      const live = Math.max(0, Math.min(LEAF_BYTES, 8 * (this.#liveSlots - 4 * index)))
      leaf.fill(0, live)
      this.#leaves.set(index, leaf)
    }
    return leaf
  }
}
