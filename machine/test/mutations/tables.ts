/** Wrong ways to treat tables. */

import { SLOTS } from '../../src/state/state.ts'
import { type Machine, readSlot, u32, writeSlot } from '../../src/step/machine.ts'
import type { BrokenHandler } from './breakage.ts'
import { ALL_WIDE, afterwards, immediates, neverTraps, nextB, tableSlot, wide, zeroBytes } from './ways.ts'

/** Elements are slots of references plus one; lengths and sizes are slots of their own. */
const elementLess = (m: Machine, slot: number) =>
  writeSlot(m.opener.slots, slot, readSlot(m.opener.slots, slot) - 1n)

export const BROKEN_TABLES: Readonly<Record<string, BrokenHandler>> = {
  'table.get': {
    'the top has 64 bits': wide(1),
    'as the slot has it': afterwards((m) => {
      m.top = BigInt.asUintN(64, m.top + 1n)
    }),
    'always of the first table': immediates(() => ({ b: 0 })),
    'it goes on where it should trap': neverTraps,
  },
  'table.set': {
    'the second has 64 bits': wide(1, 2),
    'as the operand has it': (right) => (m, given) => {
      const i = u32(m.second)
      right(m, given)
      elementLess(m, tableSlot(given.b, i))
    },
    'always of the first table': immediates(() => ({ b: 0 })),
    'it goes on where it should trap': neverTraps,
  },
  'table.size': {
    'one more': afterwards((m) => {
      m.top += 1n
    }),
    'always of the first table': immediates(() => ({ b: 0 })),
    'all of the slot':
      (_right) =>
      (m, { b }) =>
        m.done(readSlot(m.opener.slots, SLOTS.tableSizes + (b & 15))),
  },
  'table.grow': {
    'the top has 64 bits': wide(1),
    'one more than the most': immediates(({ b }) => ({ b: b + 1 })),
    'it gives the new size': (right) => (m, given) => {
      const { sp } = m.registers
      const n = u32(m.top)
      right(m, given)
      if (m.registers.sp < sp && m.top !== 0xffff_ffffn) m.top = (m.top + BigInt(n)) & 0xffff_ffffn
    },
    'without room it gives 64 ones': afterwards((m) => {
      if (m.top === 0xffff_ffffn) m.top = 2n ** 64n - 1n
    }),
    'always of the first table': immediates(() => ({ a: 0 })),
    'it goes on where it should trap': neverTraps,
  },
  'table.fill': {
    'the top has 64 bits': wide(1),
    'the third has 64 bits': wide(1, 2, 3),
    'as the operand has it': (right) => (m, given) => {
      const [n, i, { sp }] = [u32(m.top), u32(m.third), m.registers]
      right(m, given)
      if (n > 0 && m.registers.sp === sp) elementLess(m, tableSlot(given.b, i))
    },
    'always of the first table': immediates(() => ({ b: 0 })),
    'it goes on where it should trap': neverTraps,
    'no elements may be anywhere': zeroBytes['no bytes may lie anywhere']!,
  },
  'table.copy': {
    ...ALL_WIDE,
    'always upwards': (right, of) => (m, given) => {
      const [n, s, d] = [u32(m.top), u32(m.second), u32(m.third)]
      if (d <= s || n === 0) return right(m, given)
      // As a copy of the one element that would be the first.
      of('table.copy')(m, given)
      m.third = BigInt(d + 1)
      m.second = BigInt(s + 1)
    },
    'from and to are swapped': immediates(({ a }) => ({ a: ((a & 15) << 4) | ((a >> 4) & 15) })),
    'it goes on where it should trap': neverTraps,
    'no elements may be anywhere': zeroBytes['no bytes may lie anywhere']!,
  },
  'table.init': {
    ...ALL_WIDE,
    'as the segment has it': (right) => (m, given) => {
      const [n, d, { sp }] = [u32(m.top), u32(m.third), m.registers]
      right(m, given)
      if (n > 0 && m.registers.sp === sp) elementLess(m, tableSlot(given.a, d))
    },
    'from one further': nextB,
    'of the next segment': immediates(({ a }) => ({ a: a + 16 })),
    'it goes on where it should trap': neverTraps,
    'no elements may be anywhere': zeroBytes['no bytes may lie anywhere']!,
  },
}
