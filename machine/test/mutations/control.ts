/** Wrong ways to go on elsewhere. */

import { SLOTS } from '../../src/state/state.ts'
import type { Handler } from '../../src/step/machine.ts'
import { type Machine, readSlot, u32 } from '../../src/step/machine.ts'
import type { Broken, BrokenHandler } from './breakage.ts'
import { afterwards, furtherOn, immediates, neverTraps, nextB, tableSlot, wide } from './ways.ts'

const isTaken = (test: (top: bigint) => boolean): Broken<Handler> => {
  return () =>
    (m, { b }) =>
      test(m.top) ? m.goTo(b) : m.done()
}

export const BROKEN_CONTROL: Readonly<Record<string, BrokenHandler>> = {
  unreachable: {
    'it does nothing': () => (m) => m.done(),
    'it traps, whatever the program says why': () => (m) => {
      m.registers.status = 2
    },
  },
  br: { 'one further': nextB, 'by so many': immediates(({ b }, m) => ({ b: m.registers.pc + b })) },
  br_if: {
    'one further': nextB,
    'it is not taken': isTaken(() => false),
    'by all 64 bits': isTaken((top) => top !== 0n),
    'by the lowest bit': isTaken((top) => (top & 1n) !== 0n),
  },
  br_unless: {
    'one further': nextB,
    'it is taken': isTaken(() => true),
    'by all 64 bits': isTaken((top) => top === 0n),
    'by the lowest bit': isTaken((top) => (top & 1n) === 0n),
  },
  br_table: {
    'the default is the one before': immediates(({ b }) => ({ b: Math.max(0, b - 1) })),
    'the default is one further': nextB,
    'by all 64 bits':
      () =>
      (m, { b }) =>
        m.goTo(m.nextPc + (m.top > BigInt(b) ? b : Number(m.top))),
    'counted from itself':
      () =>
      (m, { b }) =>
        m.goTo(m.registers.pc + Math.min(u32(m.top), b)),
  },
  call: {
    'one further': nextB,
    'it returns to itself': afterwards((m) => {
      m.top -= 1n
    }),
    'the frame begins a slot later': afterwards((m) => {
      m.registers.fp++
    }),
    'of more parameters than slots it goes on': immediates(({ a }, m) => ({
      a: Math.min(a, m.registers.sp),
    })),
    'the link has no frame': afterwards((m) => {
      m.top &= 0xffff_ffffn
    }),
  },
  call_indirect: {
    'any type fits': immediates(({ b }, m) => ({
      b: (b & 0xff00_0000) + (Number((elementOf(m, b) - 1n) >> 32n) % 2 ** 24),
    })),
    'always of the first table': immediates(({ b }) => ({ b: b & 0xff_ffff })),
    'it returns to itself': afterwards((m) => {
      m.top -= 1n
    }),
    'the frame begins a slot later': afterwards((m) => {
      m.registers.fp++
    }),
    'it goes on where it should trap': neverTraps,
    'one further': furtherOn,
    'by all 64 bits': wide(1),
  },
  return: {
    'a parameter more': nextB,
    'the frame stays': afterwards((m, _, { fp }) => {
      m.registers.fp = fp
    }),
    'a slot is left': afterwards((m) => {
      m.registers.sp++
    }),
    'it returns one further': furtherOn,
    'it goes on where it should trap': neverTraps,
  },
  return_one: {
    'a parameter more': nextB,
    'the frame stays': afterwards((m, _, { fp }) => {
      m.registers.fp = fp
    }),
    'it gives what is below': (right) => (m, given) => {
      const below = m.registers.sp >= 2 ? m.second : 0n
      right(m, given)
      m.top = below
    },
    'it opens the link first': (right) => (m, given) => {
      const { fp, sp } = m.registers
      if (fp + given.b < sp) m.slot(fp + given.b)
      right(m, given)
    },
    'it goes on where it should trap': neverTraps,
  },
  return_link: {
    'the frame stays': afterwards((m, _, { fp }) => {
      m.registers.fp = fp
    }),
    'it returns one further': furtherOn,
  },
}

function elementOf(m: Machine, b: number): bigint {
  const i = u32(m.top)
  return i < SLOTS.table ? readSlot(m.opener.slots, tableSlot(b >>> 24, i)) : 0n
}
