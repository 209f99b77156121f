// What instructions do where no honest program goes, and at the edges of what one does. The page says it; V8 cannot.
import { describe, expect, it } from 'vitest'
import { assemble, encode } from '../isa/encoding.ts'
import type { InstructionName } from '../isa/opcode.gen.ts'
import { type Contents, MACHINE_STATUS, MEMORY_SPACE_LEAVES, type Registers, SLOTS } from '../state/state.ts'
import { ReferenceMachine } from './referenceMachine.ts'

interface Given {
  /** From the bottom; the stack pointer is above them unless a register says otherwise. */
  readonly stack?: readonly (number | bigint)[]
  readonly slots?: Readonly<Record<number, number | bigint>>
  /** Bytes from an address on, of a space. */
  readonly memory?: readonly {
    readonly space?: number
    readonly at: number
    readonly bytes: readonly number[]
  }[]
  readonly registers?: Partial<Registers>
}

const PC = 5
const WORD = 8
const LEAF = 32
const M32 = 2 ** 32 - 1
const M64 = 2n ** 64n - 1n

/** Where an instruction leaves a machine. */
function after(code: readonly bigint[], { stack = [], slots = {}, memory = [], registers = {} }: Given) {
  const pc = registers.pc ?? PC
  const machine = new ReferenceMachine({
    registers: {
      pc,
      sp: stack.length,
      fp: 0,
      aux: 0,
      fuel: 77n,
      depth: 88,
      stop: 0,
      status: 0,
      pages: [1, 1],
      outputLength: 0n,
      outputMax: 1_000n,
      ...registers,
    },
    code: [{ leaf: 0, bytes: assemble([...new Array(PC).fill(0n), ...code]) }],
    stack: contentsOf(stack.map((value, slot) => piece(slot, value))),
    slots: contentsOf(Object.entries(slots).map(([slot, value]) => piece(Number(slot), value))),
    memory: contentsOf(
      memory.map(({ space = 0, at, bytes }) => [space * MEMORY_SPACE_LEAVES * LEAF + at, bytes]),
    ),
    output: [],
    input: Uint8Array.from({ length: 40 }, (_, i) => i),
  })
  machine.step()
  const state = machine.state()
  return {
    ...machine.registers,
    /** The lowest ones, where there are many. */
    stack: Array.from({ length: Math.min(machine.registers.sp, 20) }, (_, i) => slotOf(state.stack, i)),
    /** Above the stack pointer, too. */
    stackSlot: (slot: number) => slotOf(state.stack, slot),
    slot: (slot: number) => slotOf(state.slots, slot),
    bytes: (at: number, length: number, space = 0) =>
      Array.from({ length }, (_, i) => byteOf(state.memory, space * MEMORY_SPACE_LEAVES * LEAF + at + i)),
    output: (length: number) => Array.from({ length }, (_, i) => byteOf(state.output, i)),
  }
}

function one(name: InstructionName, immediates: readonly (number | bigint)[], given: Given) {
  return after([encode(name, ...immediates)], given)
}

/** Contents that hold these bytes, each at its address. */
function contentsOf(pieces: readonly (readonly [at: number, bytes: Iterable<number>])[]): Contents {
  const leaves = new Map<number, Uint8Array>()
  for (const [first, bytes] of pieces) {
    let at = first
    for (const byte of bytes) {
      const number = Math.floor(at / LEAF)
      const leaf = leaves.get(number) ?? new Uint8Array(LEAF)
      leaf[at % LEAF] = byte
      leaves.set(number, leaf)
      at++
    }
  }
  return [...leaves].sort(([a], [b]) => a - b).map(([leaf, bytes]) => ({ leaf, bytes }))
}

function piece(slot: number, value: number | bigint): [number, Uint8Array] {
  const view = new DataView(new ArrayBuffer(WORD))
  view.setBigUint64(0, BigInt(value), true)
  return [slot * WORD, new Uint8Array(view.buffer)]
}

function byteOf(contents: Contents, at: number): number {
  for (const { leaf, bytes } of contents) {
    if (at >= leaf * LEAF && at < leaf * LEAF + bytes.length) return bytes[at - leaf * LEAF]!
  }
  return 0
}

function slotOf(contents: Contents, slot: number): bigint {
  let value = 0n
  for (let i = WORD - 1; i >= 0; i--) value = (value << 8n) | BigInt(byteOf(contents, slot * WORD + i))
  return value
}

const trapped = { status: MACHINE_STATUS.trapped, pc: PC, aux: 0 }

describe('any step', () => {
  it('traps where there is no code, and at what is no instruction', () => {
    expect(after([], { registers: { pc: 2 ** 28 } })).toMatchObject({ ...trapped, pc: 2 ** 28 })
    expect(after([0xffn], {})).toMatchObject(trapped)
    expect(after([], {})).toMatchObject(trapped)
  })

  it('traps by the reason that the program gave', () => {
    expect(one('unreachable', [], { registers: { stop: 2 } }).status).toBe(MACHINE_STATUS.outOfFuel)
    expect(one('unreachable', [], { registers: { stop: 3 } }).status).toBe(MACHINE_STATUS.stackExhausted)
    expect(one('unreachable', [], { registers: { stop: 255 } }).status).toBe(MACHINE_STATUS.trapped)
  })

  it('traps where operands are missing, or their results have no room', () => {
    expect(one('drop', [], {})).toMatchObject(trapped)
    expect(one('i32.add', [], { stack: [1] })).toMatchObject(trapped)
    const full = { registers: { sp: 2 ** 21 } }
    expect(one('const', [1], full)).toMatchObject(trapped)
    expect(one('i32.eqz', [], full)).toMatchObject({ status: 0, pc: PC + 1, sp: 2 ** 21 })
    expect(one('drop', [], { registers: { sp: 2 ** 21 + 1 } })).toMatchObject(trapped)
  })

  it('is none in a final state', () => {
    expect(one('const', [1], { registers: { status: 1 } })).toMatchObject({ status: 1, pc: PC, sp: 0 })
  })
})

describe('control', () => {
  it('br_table takes the default from its label on', () => {
    for (const [operand, to] of [
      [0, 0],
      [2, 2],
      [3, 3],
      [4, 3],
      [M32, 3],
      [2 ** 32 + 1, 1],
    ] as const) {
      expect(one('br_table', [3], { stack: [operand] })).toMatchObject({ pc: PC + 1 + to, sp: 0 })
    }
    expect(one('br_table', [M32], { stack: [M32] })).toMatchObject({ pc: PC, sp: 0 })
  })

  it('br_if and br_unless heed the low half', () => {
    expect(one('br_if', [9], { stack: [2n ** 32n] })).toMatchObject({ pc: PC + 1, sp: 0 })
    expect(one('br_unless', [9], { stack: [2n ** 32n] })).toMatchObject({ pc: 9, sp: 0 })
  })

  it('call leaves the link above the parameters', () => {
    const link = (7n << 32n) | BigInt(PC + 1)
    const given = { stack: [1, 2, 3], registers: { fp: 7 } }
    expect(one('call', [2, 99], given)).toMatchObject({ pc: 99, fp: 1, stack: [1n, 2n, 3n, link] })
    expect(one('call', [3, 99], given)).toMatchObject({ pc: 99, fp: 0 })
    expect(one('call', [4, 99], given)).toMatchObject(trapped)
  })

  it('call_indirect checks index, element and type', () => {
    const table = 3
    const element = SLOTS.tables + table * SLOTS.table
    const call = (a: number, b: number, index: number, value: bigint) =>
      one('call_indirect', [a, b], {
        stack: [1, 2, index],
        slots: { [element + 6]: value },
        registers: { fp: 1 },
      })
    const b = (0x30 + table) * 2 ** 24 + 5
    const right = (5n << 32n) + 1_000n + 1n
    const link = (1n << 32n) | BigInt(PC + 1)
    expect(call(2, b, 6, right)).toMatchObject({ pc: 1_000, fp: 0, stack: [1n, 2n, link] })
    expect(call(0, b, 6, right)).toMatchObject({ pc: 1_000, fp: 2 })
    expect(call(3, b, 6, right)).toMatchObject(trapped)
    expect(call(2, b + 1, 6, right)).toMatchObject(trapped)
    expect(call(2, b, 7, right)).toMatchObject(trapped)
    // Null, where the type of nothing is wanted.
    expect(call(2, b - 5, 6, 1n)).toMatchObject(trapped)
    expect(call(2, b - 5, 6, 0n)).toMatchObject(trapped)
    expect(call(2, b - 5, 6, 2n)).toMatchObject({ pc: 1 })
    expect(call(2, b, 2 ** 24 + 6, right)).toMatchObject(trapped)
    expect(call(2, b, 6, right + (1n << 56n))).toMatchObject(trapped)
  })

  it('returns take the link from the frame, and all above goes', () => {
    const link = (2n << 32n) | 50n
    const given = { stack: [9, 8, 7, link, 6, 5], registers: { fp: 1 } }
    expect(one('return', [2], given)).toMatchObject({ pc: 50, fp: 2, stack: [9n] })
    expect(one('return_one', [2], given)).toMatchObject({ pc: 50, fp: 2, stack: [9n, 5n] })
    expect(one('return', [5], given)).toMatchObject(trapped)
    expect(one('return_one', [5], given)).toMatchObject(trapped)
    expect(one('return', [M32], given)).toMatchObject(trapped)
    expect(one('return_one', [0], { stack: [link] })).toMatchObject({ pc: 50, fp: 2, stack: [link] })
    expect(one('return_link', [], { stack: [4, link] })).toMatchObject({ pc: 50, fp: 2, stack: [4n] })
  })
})

describe('stack', () => {
  it('enter has room up to the last slot', () => {
    expect(one('enter', [2 ** 21 - 1], { stack: [1] })).toMatchObject({ pc: PC + 1, sp: 2 ** 21 })
    expect(one('enter', [2 ** 21], { stack: [1] })).toMatchObject(trapped)
  })

  it('slide moves one slot a step', () => {
    const stack = [1, 2, 3, 4, 5]
    const slide = (a: number, b: number, aux = 0) => one('slide', [a, b], { stack, registers: { aux } })
    expect(slide(2, 2)).toMatchObject({ pc: PC, aux: 1, stack: [1n, 4n, 3n, 4n, 5n] })
    expect(slide(2, 2, 1)).toMatchObject({ pc: PC + 1, aux: 0, stack: [1n, 2n, 5n] })
    expect(slide(2, 2, 2)).toMatchObject({ pc: PC + 1, aux: 0, stack: [1n, 2n, 3n] })
    expect(slide(0, 2, M32)).toMatchObject({ pc: PC + 1, aux: 0, stack: [1n, 2n, 3n] })
    expect(slide(1, 0)).toMatchObject({ pc: PC + 1, aux: 0, sp: 5 })
    expect(slide(2, 4)).toMatchObject(trapped)
    expect(slide(2, M32)).toMatchObject(trapped)
  })

  it('nothing is left above the stack pointer once it went down', () => {
    const stack = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    const left = (code: bigint) => {
      const { sp, stackSlot } = after([code], { stack })
      return [sp, ...stack.map((_, slot) => Number(stackSlot(slot)))]
    }
    expect(left(encode('drop'))).toEqual([8, 1, 2, 3, 4, 5, 6, 7, 8, 0])
    expect(left(encode('i32.add'))).toEqual([8, 1, 2, 3, 4, 5, 6, 7, 17, 0])
    expect(left(encode('slide', 0, 7))).toEqual([2, 1, 2, 0, 0, 0, 0, 0, 0, 0])
    expect(left(encode('return', 2))).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  })

  it('locals lie below the top', () => {
    const given = { stack: [1, 2, 3], registers: { fp: 1 } }
    expect(one('local.get', [1], given)).toMatchObject({ stack: [1n, 2n, 3n, 3n] })
    expect(one('local.get', [2], given)).toMatchObject(trapped)
    expect(one('local.set', [0], given)).toMatchObject({ stack: [1n, 3n] })
    expect(one('local.set', [1], given)).toMatchObject(trapped)
    expect(one('local.tee', [0], given)).toMatchObject({ stack: [1n, 3n, 3n] })
    expect(one('local.tee', [2], given)).toMatchObject(trapped)
    expect(one('local.get', [M32], given)).toMatchObject(trapped)
  })

  it('constants have any 64 bits', () => {
    expect(one('const', [-(2n ** 55n)], {}).stack).toEqual([M64 - 2n ** 55n + 1n])
    expect(one('const.high', [2n ** 56n - 1n], {}).stack).toEqual([M64 - 255n])
    expect(one('const.low', [0x1234], { stack: [0x100n] }).stack).toEqual([0x134n])
  })
})

describe('registers and globals', () => {
  it('there are three registers, of their own widths', () => {
    expect(one('register.get', [0], {}).stack).toEqual([77n])
    expect(one('register.get', [2], {}).stack).toEqual([88n])
    expect(one('register.get', [3], {})).toMatchObject(trapped)
    expect(one('register.set', [0], { stack: [M64] })).toMatchObject({ fuel: M64, sp: 0 })
    expect(one('register.set', [1], { stack: [M64] })).toMatchObject({ stop: 0xffff })
    expect(one('register.set', [2], { stack: [M64] })).toMatchObject({ depth: M32 })
    expect(one('register.set', [3], { stack: [M64] })).toMatchObject(trapped)
  })

  it('globals end where tables begin', () => {
    const last = 2 ** 31 - 1
    expect(one('global.get', [last], { slots: { [last]: 5 } }).stack).toEqual([5n])
    expect(one('global.get', [last + 1], {})).toMatchObject(trapped)
    expect(one('global.set', [last], { stack: [6] }).slot(last)).toBe(6n)
    expect(one('global.set', [last + 1], { stack: [6] })).toMatchObject(trapped)
  })

  it('a dropped segment has no length', () => {
    for (const [name, lengths] of [
      ['data.drop', SLOTS.dataLengths],
      ['elem.drop', SLOTS.elementLengths],
    ] as const) {
      const last = 2 ** 20 - 1
      expect(one(name, [last], { slots: { [lengths + last]: 5 } }).slot(lengths + last)).toBe(0n)
      expect(one(name, [last + 1], {})).toMatchObject(trapped)
    }
  })
})

describe('tables', () => {
  const at = (table: number, i: number) => SLOTS.tables + table * SLOTS.table + i
  const sizeAt = (table: number) => SLOTS.tableSizes + table

  it('an element that is 0 is beyond the table', () => {
    expect(one('table.get', [18], { stack: [4], slots: { [at(2, 4)]: 1 } }).stack).toEqual([0n])
    expect(one('table.get', [2], { stack: [4] })).toMatchObject(trapped)
    expect(one('table.get', [2], { stack: [2 ** 24], slots: { [at(3, 0)]: 1 } })).toMatchObject(trapped)
    expect(one('table.set', [2], { stack: [4, 9], slots: { [at(2, 4)]: 1 } }).slot(at(2, 4))).toBe(10n)
    expect(one('table.set', [2], { stack: [4, M64], slots: { [at(2, 4)]: 1 } }).slot(at(2, 4))).toBe(0n)
    expect(one('table.set', [2], { stack: [4, 9] })).toMatchObject(trapped)
  })

  it('a size is the low half of its slot', () => {
    expect(one('table.size', [2], { slots: { [sizeAt(2)]: M64 } }).stack).toEqual([BigInt(M32)])
  })

  it('table.grow fills one element a step, then says what the size was', () => {
    const grow = (n: number, most: number, size: number, aux = 0) =>
      one('table.grow', [2, most], { stack: [8, n], slots: { [sizeAt(2)]: size }, registers: { aux } })
    const first = grow(2, 7, 5)
    expect(first).toMatchObject({ pc: PC, aux: 1, sp: 2 })
    expect([first.slot(at(2, 5)), first.slot(sizeAt(2))]).toEqual([9n, 5n])
    const last = grow(2, 7, 5, 2)
    expect(last).toMatchObject({ pc: PC + 1, aux: 0, stack: [5n] })
    expect(last.slot(sizeAt(2))).toBe(7n)
    expect(grow(3, 7, 5)).toMatchObject({ pc: PC + 1, aux: 0, stack: [BigInt(M32)] })
    expect(grow(0, 5, 5)).toMatchObject({ pc: PC + 1, stack: [5n] })
    expect(grow(1, M32, 2 ** 24)).toMatchObject({ stack: [BigInt(M32)] })
    expect(grow(2, 7, 2 ** 24 - 1, 1)).toMatchObject({ ...trapped, aux: 1 })
    expect(grow(M32, M32, 2, M32).slot(sizeAt(2))).toBe(1n)
  })

  it('table.fill', () => {
    const fill = (i: number, n: number, size: number) =>
      one('table.fill', [2], { stack: [i, 8, n], slots: { [sizeAt(2)]: size } })
    const step = fill(3, 2, 5)
    expect(step).toMatchObject({ pc: PC, stack: [4n, 8n, 1n] })
    expect(step.slot(at(2, 3))).toBe(9n)
    expect(fill(5, 0, 5)).toMatchObject({ pc: PC + 1, sp: 0 })
    expect(fill(6, 0, 5)).toMatchObject(trapped)
    expect(fill(4, 2, 5)).toMatchObject(trapped)
    expect(fill(2 ** 24, 1, M32)).toMatchObject(trapped)
  })

  it('table.copy goes up or down, so that it may overlap', () => {
    const copy = (d: number, s: number, n: number, sizes: Record<number, number>) =>
      one('table.copy', [0x12], {
        stack: [d, s, n],
        slots: { ...sizes, [at(1, s)]: 11, [at(1, s + n - 1)]: 22 },
      })
    const sizes = { [sizeAt(1)]: 6, [sizeAt(2)]: 9 }
    const up = copy(2, 3, 3, sizes)
    expect(up).toMatchObject({ pc: PC, stack: [3n, 4n, 2n] })
    expect(up.slot(at(2, 2))).toBe(11n)
    const down = copy(4, 3, 3, sizes)
    expect(down).toMatchObject({ pc: PC, stack: [4n, 3n, 2n] })
    expect(down.slot(at(2, 6))).toBe(22n)
    expect(copy(3, 3, 3, sizes)).toMatchObject({ pc: PC, stack: [4n, 4n, 2n] })
    expect(copy(2, 4, 3, sizes)).toMatchObject(trapped)
    expect(copy(7, 3, 3, sizes)).toMatchObject(trapped)
    expect(copy(9, 6, 0, sizes)).toMatchObject({ pc: PC + 1, sp: 0 })
    const huge = { [sizeAt(1)]: M32, [sizeAt(2)]: M32 }
    expect(copy(2, 2 ** 24, 1, huge)).toMatchObject(trapped)
    expect(copy(2 ** 24, 2, 1, huge)).toMatchObject(trapped)
  })

  it('table.init takes references as elements', () => {
    const length = SLOTS.elementLengths + 3
    const init = (d: number, s: number, n: number, b = 7, value: bigint | number = 40) =>
      one('table.init', [0x32, b], {
        stack: [d, s, n],
        slots: { [sizeAt(2)]: 9, [length]: 5, [SLOTS.elements + b + s]: value },
      })
    const step = init(4, 2, 3)
    expect(step).toMatchObject({ pc: PC, stack: [5n, 3n, 2n] })
    expect(step.slot(at(2, 4))).toBe(41n)
    expect(init(4, 2, 3, 7, M64).slot(at(2, 4))).toBe(0n)
    expect(init(7, 2, 3)).toMatchObject(trapped)
    expect(init(4, 3, 3)).toMatchObject(trapped)
    expect(init(9, 5, 0)).toMatchObject({ pc: PC + 1, sp: 0 })
    expect(init(4, 2, 3, 2 ** 29 - 3)).toMatchObject({ pc: PC, sp: 3 })
    expect(init(4, 2, 3, 2 ** 29 - 2)).toMatchObject(trapped)
  })
})

describe('memory', () => {
  const most: Given['registers'] = { pages: [M32, 1] }

  it('has no more than 4 GiB, whatever its pages', () => {
    const last = [{ at: 2 ** 32 - 8, bytes: [1, 2, 3, 4, 5, 6, 7, 8] }]
    const load = (top: number, b: number) =>
      one('i64.load', [2, b], { stack: [top], memory: last, registers: most })
    expect(load(M32 - 7, 0).stack).toEqual([0x0807060504030201n])
    expect(load(0, M32 - 7).stack).toEqual([0x0807060504030201n])
    expect(load(M32 - 6, 0)).toMatchObject(trapped)
    expect(load(M32, M32)).toMatchObject(trapped)
    expect(one('memory.size', [0], { registers: most }).stack).toEqual([BigInt(M32)])
  })

  it('an access at its end', () => {
    expect(one('i32.store', [1, 0], { stack: [65_532, 0x04030201] }).bytes(65_532, 4, 1)).toEqual([
      1, 2, 3, 4,
    ])
    expect(one('i32.store', [1, 1], { stack: [65_532, 9] })).toMatchObject(trapped)
    expect(one('i32.load8_u', [0, 65_536], { stack: [0] })).toMatchObject(trapped)
  })

  it('memory.grow', () => {
    const grow = (n: number, limit: number, pages: number) =>
      one('memory.grow', [1, limit], { stack: [n], registers: { pages: [3, pages] } })
    expect(grow(2, 7, 5)).toMatchObject({ stack: [5n], pages: [3, 7] })
    expect(grow(3, 7, 5)).toMatchObject({ stack: [BigInt(M32)], pages: [3, 5] })
    expect(grow(1, M32, 65_536)).toMatchObject({ stack: [BigInt(M32)] })
    expect(grow(0, M32, 65_536)).toMatchObject({ stack: [65_536n] })
  })

  it('memory.fill does what lies in one leaf', () => {
    const step = one('memory.fill', [0], { stack: [60, 0x1ab, 20] })
    expect(step).toMatchObject({ pc: PC, stack: [64n, 0x1abn, 16n] })
    expect(step.bytes(59, 6)).toEqual([0, 0xab, 0xab, 0xab, 0xab, 0])
    const end = one('memory.fill', [0], { stack: [M32, 7, 1], registers: most })
    expect(end.stack).toEqual([0n, 7n, 0n])
    expect(end.bytes(M32, 1)).toEqual([7])
    expect(one('memory.fill', [0], { stack: [65_536, 7, 0] })).toMatchObject({ pc: PC + 1, sp: 0 })
    expect(one('memory.fill', [0], { stack: [65_536, 7, 1] })).toMatchObject(trapped)
    expect(one('memory.fill', [0], { stack: [M32, 7, M32] })).toMatchObject(trapped)
  })

  it('memory.copy does what lies in one leaf of each side, up or down', () => {
    const bytes = Array.from({ length: 60 }, (_, i) => i + 1)
    const copy = (a: number, d: number, s: number, n: number) =>
      one('memory.copy', [a], { stack: [d, s, n], memory: [{ space: 1, at: 0, bytes }] })
    const up = copy(3, 5, 30, 10)
    expect(up).toMatchObject({ pc: PC, stack: [7n, 32n, 8n] })
    expect(up.bytes(4, 4, 1)).toEqual([5, 31, 32, 8])
    const down = copy(3, 30, 5, 10)
    expect(down).toMatchObject({ pc: PC, stack: [30n, 5n, 2n] })
    expect(down.bytes(30, 12, 1)).toEqual([31, 32, 8, 9, 10, 11, 12, 13, 14, 15, 41, 42])
    expect(copy(3, 30, 30, 10)).toMatchObject({ pc: PC, stack: [32n, 32n, 8n] })
    expect(copy(2, 5, 0, 3).bytes(5, 4)).toEqual([1, 2, 3, 0])
    expect(copy(3, 65_536, 5, 1)).toMatchObject(trapped)
    expect(copy(3, 5, 65_530, 7)).toMatchObject(trapped)
    expect(copy(3, 65_536, 65_536, 0)).toMatchObject({ pc: PC + 1, sp: 0 })
  })

  it('memory.init reads the third space', () => {
    const lengths = { [SLOTS.dataLengths + 4]: 6 }
    const init = (d: number, s: number, n: number, b: number) =>
      one('memory.init', [9, b], {
        stack: [d, s, n],
        slots: lengths,
        memory: [{ space: 2, at: 64, bytes: [1, 2, 3] }],
      })
    const step = init(31, 1, 4, 64)
    expect(step).toMatchObject({ pc: PC, stack: [32n, 2n, 3n] })
    expect(step.bytes(30, 3, 1)).toEqual([0, 2, 0])
    expect(init(0, 1, 4, 30)).toMatchObject({ pc: PC, stack: [1n, 2n, 3n] })
    expect(init(0, 3, 4, 64)).toMatchObject(trapped)
    expect(init(65_533, 0, 4, 64)).toMatchObject(trapped)
    expect(init(65_536, 6, 0, 64)).toMatchObject({ pc: PC + 1, sp: 0 })
    expect(init(0, 1, 1, M32)).toMatchObject(trapped)
    expect(init(0, 0, 1, M32)).toMatchObject({ pc: PC, sp: 3 })
  })
})

describe('primitives', () => {
  it('input.read does what lies in one leaf of each side', () => {
    const step = one('input.read', [], { stack: [62, 5, 30] })
    expect(step).toMatchObject({ pc: PC, stack: [64n, 7n, 28n] })
    expect(step.bytes(61, 4, 1)).toEqual([0, 5, 6, 0])
    expect(one('input.read', [], { stack: [0, 40, 0] })).toMatchObject({ pc: PC + 1, sp: 0 })
    expect(one('input.read', [], { stack: [0, 39, 2] })).toMatchObject(trapped)
    expect(one('input.read', [], { stack: [65_536, 0, 1] })).toMatchObject(trapped)
    expect(one('input.length', [], {}).stack).toEqual([40n])
  })

  it('output.write writes up to its limit, then the machine stops', () => {
    const memory = [{ space: 1, at: 30, bytes: [1, 2, 3, 4] }]
    const write = (n: number, length: bigint, most: bigint) =>
      one('output.write', [], {
        stack: [30, n],
        memory,
        registers: { outputLength: length, outputMax: most },
      })
    const step = write(4, 0n, 100n)
    expect(step).toMatchObject({ pc: PC, stack: [32n, 2n], outputLength: 2n })
    expect(step.output(3)).toEqual([1, 2, 0])
    expect(write(4, 0n, 1n)).toMatchObject({ stack: [31n, 3n], outputLength: 1n })
    expect(write(4, 31n, 100n)).toMatchObject({ stack: [31n, 3n], outputLength: 32n })
    const full = { status: MACHINE_STATUS.outputFull, pc: PC, stack: [30n, 4n] }
    expect(write(4, 7n, 7n)).toMatchObject({ ...full, outputLength: 7n })
    expect(write(4, 8n, 7n)).toMatchObject({ ...full, outputLength: 8n })
    expect(write(0, 7n, 7n)).toMatchObject({ status: 0, pc: PC + 1, sp: 0 })
    expect(write(0, 2n ** 32n, M64)).toMatchObject(trapped)
    expect(one('output.write', [], { stack: [65_530, 7] })).toMatchObject(trapped)
  })

  it('halt ends, and leaves all as it is', () => {
    const halted = { status: MACHINE_STATUS.exited, pc: PC, stack: [3n] }
    expect(one('halt', [], { stack: [3] })).toMatchObject(halted)
    expect(one('halt', [], {})).toMatchObject(trapped)
  })
})
