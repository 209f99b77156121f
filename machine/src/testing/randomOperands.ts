/** Immediates and operands for each instruction, near the places where it does one thing or another. */
import type { Instruction } from '../isa/instructions.ts'
import type { Dice } from '../random/dice.ts'
import type { AllRegisters } from '../state/registers.ts'
import { SLOTS } from '../state/state.ts'

/** What a random state is made of, before the step asks for more. */
export interface Draft {
  readonly registers: AllRegisters
  a: number
  b: number
  /** Top first. */
  operands: bigint[]
  /** Slots of the slots region that must be so. */
  readonly slots: Map<number, bigint>
  inputLength: bigint
}

/** Slots that arithmetic goes wrong at. */
export function interestingSlot(dice: Dice): bigint {
  const power = 1n << BigInt(dice.below(65))
  const near = BigInt.asUintN(64, power + BigInt(dice.between(-1, 1)))
  return dice.pick([
    () => BigInt(dice.below(4)),
    () => near,
    () => BigInt.asUintN(64, -near),
    () => BigInt(dice.below(100)),
    () => dice.bits(64),
    () => dice.bits(32),
    () => dice.pick(FLOATS),
    // As a pair of them, one in each half.
    () => (dice.bits(32) << 32n) | dice.pick(FLOATS_32),
  ])()
}

const FLOATS_32 = [
  0n,
  0x8000_0000n,
  1n,
  0x3f80_0000n,
  0xbfc0_0000n,
  0x4f00_0000n,
  0x4f80_0000n,
  0x5f00_0000n,
  0x7f80_0000n,
  0xff80_0000n,
  0x7fc0_0000n,
  0xffa0_0001n,
  // Halves, and the least of all.
  0x3f00_0000n,
  0x3fc0_0000n,
  0x4020_0000n,
  0xbf00_0000n,
  0x007f_ffffn,
]
const FLOATS = [
  1n << 63n,
  0x3ff0_0000_0000_0000n,
  0xbff8_0000_0000_0000n,
  0x41e0_0000_0000_0000n,
  0x41f0_0000_0000_0000n,
  0x43e0_0000_0000_0000n,
  0x43f0_0000_0000_0000n,
  0x7ff0_0000_0000_0000n,
  0xfff0_0000_0000_0000n,
  0x7ff8_0000_0000_0000n,
  0xfff4_0000_0000_0001n,
  0x3fe0_0000_0000_0000n,
  0x4004_0000_0000_0000n,
  0xbfe0_0000_0000_0000n,
  // Less than the least normal f32, and f64.
  0x3800_0000_0000_0000n,
  0x800f_ffff_ffff_ffffn,
]

/** A number within a limit, at it, or somewhat beyond. */
function around(dice: Dice, limit: number): number {
  if (limit > 0 && dice.chance(0.5)) return dice.below(limit)
  const choices = [0, limit - dice.below(40), limit - 1, limit, limit + 1, limit + dice.below(1_000)]
  return clamp(dice.pick(choices))
}

/** A number that a size must reach: so, a little more, or not quite. */
function enough(dice: Dice, needed: number): number {
  return clamp(
    dice.pick([needed, needed, needed + dice.below(100), needed + 2 ** 20, needed - 1, 2 ** 32 - 1]),
  )
}

function clamp(value: number): number {
  return Math.min(2 ** 32 - 1, Math.max(0, value))
}

/** Fits the draft to the instruction; what it leaves alone is random already. */
export function fit(dice: Dice, instruction: Instruction, draft: Draft): void {
  FIT[instruction.class]?.(dice, instruction, draft)
  // Addresses and counts are of 32 bits, whatever stands above them.
  draft.operands = draft.operands.map((each) => (dice.chance(0.1) ? each | (dice.bits(32) << 32n) : each))
}

const FIT: Partial<Record<Instruction['class'], (dice: Dice, i: Instruction, draft: Draft) => void>> = {
  control(dice, { name }, draft) {
    const { fp, sp } = draft.registers
    draft.b = dice.pick([dice.below(2 ** 28), dice.below(100), 2 ** 32 - 1])
    if (name === 'br_table') draft.b = dice.below(20)
    if (name === 'call') draft.a = dice.pick([0, Math.min(sp, dice.below(6)), sp, sp + 1])
    if (name === 'return' || name === 'return_one')
      draft.b = dice.pick([0, dice.below(6), sp - fp - 1, sp - fp])
    if (name === 'call_indirect') indirect(dice, draft)
    draft.a &= 0xff_ffff
    draft.b = Math.max(0, draft.b)
  },

  stack(dice, { name }, draft) {
    const { fp, sp } = draft.registers
    if (name.startsWith('local.')) {
      draft.b = dice.pick([0, Math.max(0, sp - fp - 2), dice.below(Math.max(1, sp - fp)), sp - fp])
    }
    if (name === 'enter')
      draft.b = dice.pick([1, dice.below(100), dice.below(100), 2 ** 21 - sp, 2 ** 21 - sp + 1])
    if (name === 'slide') {
      draft.a = Math.min(dice.between(0, 6), sp + 1)
      const below = Math.max(0, sp - draft.a)
      draft.b = dice.pick([Math.min(below, dice.below(6)), dice.below(below + 1), below + 1, 2 ** 32 - 1])
      draft.registers.aux = dice.pick([0, 0, Math.max(0, draft.a - 1), dice.below(8), dice.below(2 ** 32)])
    }
    draft.b = Math.max(0, draft.b)
  },

  integer: fitNumbers,
  float: fitNumbers,

  register(dice, _, draft) {
    draft.b = dice.below(4)
  },

  global(dice, { name }, draft) {
    const limit = name.startsWith('global') ? 2 ** 31 : 2 ** 20
    draft.b = dice.pick([dice.below(10), dice.below(limit), limit - 1, limit, dice.below(2 ** 32)])
  },

  table: fitTable,

  memory(dice, { name }, draft) {
    const { registers } = draft
    draft.a = dice.pick([0, 1, dice.below(2 ** 24)])
    const pages = registers.pages[draft.a & 1]!
    if (name === 'memory.size') return
    if (name === 'memory.grow') {
      draft.b = dice.pick([pages, pages + 1, 65_536, 65_537, dice.below(2 ** 32)]) % 2 ** 32
      draft.operands[0] = BigInt(dice.pick([0, 1, 2, 2 ** 32 - 1, Math.max(0, 65_536 - pages)]))
      return
    }
    const address = addressIn(dice, registers, draft.a)
    draft.b = dice.pick([0, 0, Math.min(address, dice.below(64)), address])
    const operand = BigInt(address - draft.b) | (dice.chance(0.2) ? dice.bits(32) << 32n : 0n)
    draft.operands[name.includes('store') ? 1 : 0] = operand
  },

  bulk(dice, { name }, draft) {
    const { registers } = draft
    draft.a = dice.chance(0.9) ? dice.below(4) : dice.below(2 ** 24)
    const d = addressIn(dice, registers, draft.a)
    let s = addressIn(dice, registers, draft.a >> 1)
    if (dice.chance(0.5)) s = clamp(d + dice.pick([0, dice.between(-40, 40), dice.between(-40, 40)]))
    let n = dice.pick([0, 1, dice.below(80), dice.below(3_000)])
    // As much as there is room for.
    if (dice.chance(0.5)) n = Math.min(n, ...[d, s].map((at) => Math.max(0, sizeOf(registers, draft.a) - at)))
    if (dice.chance(0.2)) n = around(dice, Math.max(0, sizeOf(registers, draft.a) - d))
    if (name === 'memory.init') {
      s = dice.below(100)
      draft.b = clamp(
        dice.pick([0, 32 * dice.below(100), 32 * dice.below(2 ** 27), 2 ** 32 - 1 - s, 2 ** 32 - s]),
      )
      draft.slots.set(SLOTS.dataLengths + (draft.a >> 1), BigInt(enough(dice, s + n)))
    }
    draft.operands = [n, s, d].map((each) => BigInt(each % 2 ** 32))
  },

  primitive(dice, { name }, draft) {
    const { registers } = draft
    const address = addressIn(dice, registers, 1)
    const n = dice.pick([0, 1, 31, 32, 33, dice.below(100), 2 ** 32 - 1])
    if (name === 'output.write') {
      draft.operands = [BigInt(n), BigInt(address)]
      if (dice.chance(0.2)) registers.outputLength = 2n ** 32n + BigInt(dice.between(-1, 1))
      const { outputLength } = registers
      const room = BigInt(dice.pick([0, 1, 5, 1_000]))
      registers.outputMax = dice.chance(0.2) ? dice.bits(64) : BigInt.asUintN(64, outputLength + room)
      return
    }
    const length = Number(draft.inputLength % 2n ** 32n)
    const offset = dice.pick([0, dice.below(length + 1), Math.max(0, length - n), length])
    const most = Math.max(0, length - offset)
    draft.operands = [dice.pick([n, most, most + 1, Math.min(n, most)]), offset, address].map((each) =>
      BigInt(each % 2 ** 32),
    )
  },
}

function fitNumbers(dice: Dice, _: Instruction, draft: Draft): void {
  const signs = [1n << 63n, 1n << 31n]
  const differ = dice.pick([0n, 0n, ...signs])
  const [first, second] = dice.pick([
    // The only quotients that do not fit.
    [(1n << 64n) - 1n, dice.pick(signs)],
    // Zeros, whatever their signs.
    [dice.pick([0n, ...signs]), dice.pick([0n, ...signs])],
    // What differs by its sign at most.
    [draft.operands[0]!, draft.operands[0]! ^ differ],
    // Near the middle between two f32.
    [(1n << 60n) + (1n << 36n) + BigInt(dice.between(-1, 1)), draft.operands[1]!],
  ])
  if (dice.chance(0.4)) draft.operands = [first!, second!, 0n]
}

/** An address in or about a memory: at borders of leaves, at its end. */
function addressIn(dice: Dice, registers: AllRegisters, memory: number): number {
  const size = sizeOf(registers, memory)
  const leaf = 32 * dice.below(Math.max(1, size / 32))
  const border = leaf + dice.between(24, 31)
  return clamp(dice.pick([dice.below(100), leaf, border, border, size - dice.between(-1, 9), size - 8]))
}

function sizeOf({ pages }: AllRegisters, memory: number): number {
  return Math.min(pages[memory & 1]!, 65_536) * 65_536
}

function indirect(dice: Dice, draft: Draft): void {
  const { sp } = draft.registers
  draft.a = clamp(dice.pick([0, Math.min(sp - 1, dice.below(6)), sp - 1, sp]))
  const type = dice.pick([0, dice.below(2 ** 24)])
  const table = dice.below(256)
  draft.b = table * 2 ** 24 + type
  const i = dice.chance(0.8) ? dice.below(SLOTS.table) : around(dice, SLOTS.table)
  draft.operands[0] = BigInt(i)
  const right = (BigInt(type) << 32n) + BigInt(dice.below(2 ** 28)) + 1n
  if (i < SLOTS.table) {
    draft.slots.set(elementAt(table, i), dice.chance(0.5) ? right : dice.pick([0n, 1n, dice.bits(64)]))
  }
}

function elementAt(table: number, i: number): number {
  return SLOTS.tables + (table & 15) * SLOTS.table + i
}

/** One of them has no element that stands for it: the one above it is 0 again. */
function anyReference(dice: Dice): bigint {
  return dice.pick([0n, (1n << 64n) - 1n, interestingSlot(dice)])
}

function fitTable(dice: Dice, { name }: Instruction, draft: Draft): void {
  const { registers, slots } = draft
  const small = dice.below(20)
  const high = dice.pick([SLOTS.table - 2, SLOTS.table - 1, SLOTS.table, 2 ** 32 - 3])
  const n = dice.chance(0.1) ? 2 ** 32 - 1 : dice.pick([0, 1, dice.below(10), dice.between(1, 10)])
  const d = dice.chance(0.8) ? small : high
  const s = dice.chance(0.6) ? dice.below(20) : high
  const table = dice.chance(0.9) ? dice.below(16) : dice.below(2 ** 20)
  const from = dice.chance(0.3) ? table & 15 : dice.below(16)
  const sizeFor = (end: number) => BigInt(enough(dice, end)) | (dice.chance(0.1) ? 1n << 40n : 0n)
  draft.a = table & 0xff_ffff
  draft.b = table
  const target = table & 15
  slots.set(SLOTS.tableSizes + target, sizeFor(d + n))

  if (name === 'table.get' || name === 'table.set') {
    draft.operands[name === 'table.get' ? 0 : 1] = BigInt(d)
    if (name === 'table.set') draft.operands[0] = anyReference(dice)
    if (d < SLOTS.table) slots.set(elementAt(target, d), dice.pick([0n, 1n, dice.bits(56)]))
  }
  if (name === 'table.grow') {
    draft.b = dice.pick([d + n, 10_000_000, 2 ** 32 - 1, dice.below(40)]) % 2 ** 32
    draft.operands[0] = BigInt(n)
    draft.operands[1] = anyReference(dice)
    slots.set(SLOTS.tableSizes + target, BigInt(d))
    registers.aux = dice.pick([0, 0, 1, Math.max(0, n - 1), n, dice.below(2 ** 32)])
  }
  if (name === 'table.fill') draft.operands = [BigInt(n), anyReference(dice), BigInt(d)]
  if (name === 'table.copy') {
    draft.a = from * 16 + target
    slots.set(SLOTS.tableSizes + from, sizeFor(Math.max(s, d) + n))
    draft.operands = [BigInt(n), BigInt(s), BigInt(d)]
  }
  if (name === 'table.init') {
    const segment = dice.pick([0, dice.below(100), 2 ** 20 - 1])
    draft.a = segment * 16 + target
    draft.b = dice.pick([0, dice.below(100), dice.below(2 ** 28), 2 ** 29 - 1 - s, 2 ** 29 - s])
    draft.b = clamp(draft.b)
    slots.set(SLOTS.elementLengths + segment, sizeFor(s + n))
    if (draft.b + s < 2 ** 29) slots.set(SLOTS.elements + draft.b + s, anyReference(dice))
    draft.operands = [BigInt(n), BigInt(s), BigInt(d)]
  }
}
