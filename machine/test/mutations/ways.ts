/** Ways in which an instruction that is no computation can be done wrong. */

import { SLOTS } from '../../src/state/state.ts'
import { type Handler, Machine, TRAP, u32 } from '../../src/step/machine.ts'
import type { Region } from '../../src/step/region.ts'
import type { Broken, BrokenHandler } from './breakage.ts'

type Immediates = Parameters<Handler>[1]

export const immediates =
  (change: (given: Immediates, m: Machine) => Partial<Immediates>): Broken<Handler> =>
  (right) =>
  (m, given) =>
    right(m, { ...given, ...change(given, m) })

export const afterwards =
  (
    change: (m: Machine, given: Immediates, before: { sp: number; fp: number; pc: number }) => void,
  ): Broken<Handler> =>
  (right) =>
  (m, given) => {
    const { sp, fp, pc } = m.registers
    right(m, given)
    change(m, given, { sp, fp, pc })
  }

/** Goes on where it should trap: pops, and gives 0. */
export const neverTraps: Broken<Handler> = (right) => (m, given) => {
  try {
    right(m, given)
  } catch (thrown) {
    if (thrown !== TRAP) throw thrown
    const { pops, pushes } = m.instruction
    m.registers.sp += pushes - pops
    m.registers.pc++
    if (pushes === 1) m.top = 0n
  }
}

export const instead =
  (other: string): Broken<Handler> =>
  (_, of) =>
    of(other)

export const nextB = immediates(({ b }) => ({ b: b + 1 }))
export const lastBit = afterwards((m) => {
  m.top ^= 1n
})
export const furtherOn = afterwards((m) => {
  m.registers.pc++
})

/** The handler with another idea of how large a memory is. */
export const sizes =
  (change: (size: number, m: Machine) => number): Broken<Handler> =>
  (right) =>
  (m, given) => {
    m.size = (memory) => change(Machine.prototype.size.call(m, memory), m)
    right(m, given)
  }

/** The handler on regions that are seen otherwise. */
export const regions =
  (
    change: (m: Machine) => Partial<Record<'memory' | 'slots' | 'stack' | 'output', Region>>,
  ): Broken<Handler> =>
  (right) =>
  (m, given) => {
    const views = Object.entries(change(m)).map(([name, value]) => [name, { value }])
    const opener = Object.create(m.opener, Object.fromEntries(views))
    right(new Machine(opener, m.instruction), given)
  }

export const memoryLeaves = (change: (leaf: number) => number): Broken<Handler> =>
  regions((m) => ({
    memory: { open: (leaf) => m.opener.memory.open(change(leaf)), truncate: () => {} },
  }))

/**
 * Takes an operand for one of 64 bits, and traps where it is large.
 *
 * @param depths of operands that are opened in that order; the last of them is the one
 */
export const wide =
  (...depths: readonly number[]): Broken<Handler> =>
  (right) =>
  (m, given) => {
    const operands = depths.map((depth) => m.slot(m.registers.sp - depth))
    if (operands.at(-1)! >> 32n !== 0n) throw TRAP
    right(m, given)
  }

export const ALL_WIDE: BrokenHandler = {
  'the top has 64 bits': wide(1),
  'the second has 64 bits': wide(1, 2),
  'the third has 64 bits': wide(1, 2, 3),
}

export const LIMITS: BrokenHandler = {
  'a byte beyond the end is there': sizes((size) => size + 1),
  'the last byte is not there': sizes((size) => size - 1),
}

export const ALWAYS_FIRST = { 'it is always the first memory': immediates(({ a }) => ({ a: a & ~1 })) }

/** With no bytes to move it does not look where. */
export const zeroBytes: BrokenHandler = {
  'no bytes may lie anywhere': (right) => (m, given) => (u32(m.top) === 0 ? m.done() : right(m, given)),
  'the bytes of a step are one too few': (right) => (m, given) => {
    const { sp } = m.registers
    const n = u32(m.top)
    right(m, given)
    if (m.registers.sp === sp && n - u32(m.top) > 1) m.top += 1n
  },
}

export const tableSlot = (table: number, i: number) => SLOTS.tables + (table & 15) * SLOTS.table + i
