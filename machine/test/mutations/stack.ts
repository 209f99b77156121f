/** Wrong ways to move slots: on the stack, and between it and registers, globals and lengths. */

import { SLOTS } from '../../src/state/state.ts'
import { readSlot, TRAP, u32, writeSlot } from '../../src/step/machine.ts'
import type { BrokenHandler } from './breakage.ts'
import { afterwards, immediates, instead, lastBit, neverTraps, nextB } from './ways.ts'

export const BROKEN_STACK: Readonly<Record<string, BrokenHandler>> = {
  drop: {
    'it drops two': afterwards((m) => {
      m.registers.sp = Math.max(0, m.registers.sp - 1)
    }),
    'it opens what it drops': (right) => (m, given) => {
      m.slot(m.registers.sp - 1)
      right(m, given)
    },
  },
  select: {
    'the other one': () => (m) => m.done(u32(m.top) === 0 ? m.third : m.second),
    'by all 64 bits': () => (m) => {
      const { top, second, third } = m
      m.done(top !== 0n ? third : second)
    },
    'the same one always': () => (m) => m.done(m.third),
  },
  enter: {
    'one more': nextB,
    'one less': immediates(({ b }) => ({ b: Math.max(0, b - 1) })),
    'the stack has no end':
      () =>
      (m, { b }) => {
        m.done()
        m.registers.sp += b
      },
    'the stack ends a slot earlier': (right) => (m, given) => {
      if (m.registers.sp + given.b >= 2 ** 21) throw TRAP
      right(m, given)
    },
  },
  slide: {
    'a slot further': nextB,
    'one slot less': immediates(({ a }) => ({ a: Math.max(0, a - 1) })),
    'aux stays': afterwards((m, { a }) => {
      if (m.registers.aux === 0) m.registers.aux = a
    }),
    'it goes on where it should trap': neverTraps,
    'it starts at the top': (right) => (m, given) => {
      const { aux, sp } = m.registers
      right(m, given)
      if (aux === 0 && m.registers.sp === sp) m.registers.aux = 2
    },
  },
  'local.get': locals('local.get'),
  'local.set': locals('local.set'),
  'local.tee': {
    ...locals('local.tee'),
    'it takes the operand': afterwards((m) => {
      m.registers.sp--
    }),
  },
  const: {
    'without a sign': (right) => (m, given) =>
      right(m, { ...given, immediate: BigInt.asUintN(56, given.immediate) }),
    'of 32 bits': (right) => (m, given) =>
      right(m, { ...given, immediate: BigInt.asIntN(32, given.immediate) }),
    'its lowest bit is the other': lastBit,
  },
  'const.high': {
    'where it stands': instead('const'),
    'its lowest bit is the other': lastBit,
    'the sign is lost': afterwards((m) => {
      m.top &= ~(1n << 63n)
    }),
  },
  'const.low': {
    added:
      () =>
      (m, { b }) =>
        m.done(BigInt.asUintN(64, m.top + BigInt(b & 255))),
    'what was there goes':
      () =>
      (m, { b }) =>
        m.done((m.top & ~255n) | BigInt(b & 255)),
    'of more than 8 bits':
      () =>
      (m, { b }) =>
        m.done(m.top | BigInt(b)),
  },
  'register.get': {
    'the next one': nextB,
    'it goes on where it should trap': neverTraps,
    'its lowest bit is the other': lastBit,
    'of 32 bits': afterwards((m) => {
      m.top &= 0xffff_ffffn
    }),
  },
  'register.set': {
    'the next one': nextB,
    'it goes on where it should trap': neverTraps,
    'one more': (right) => (m, given) => {
      right(m, given)
      if (given.b === 0) m.registers.fuel = BigInt.asUintN(64, m.registers.fuel + 1n)
      if (given.b === 2) m.registers.depth = (m.registers.depth + 1) % 2 ** 32
    },
    'of 15 bits': afterwards((m) => {
      m.registers.stop &= 0x7fff
    }),
  },
  'global.get': {
    'the next one': nextB,
    'of 32 bits': afterwards((m) => {
      m.top &= 0xffff_ffffn
    }),
    'it goes on where it should trap': neverTraps,
  },
  'global.set': {
    'the next one': nextB,
    'it goes on where it should trap': neverTraps,
    'the slot is opened first': (right) => (m, given) => {
      if (given.b < 2 ** 31) readSlot(m.opener.slots, SLOTS.globals + given.b)
      right(m, given)
    },
    'of 63 bits': afterwards((m, { b }) => {
      const { slots } = m.opener
      writeSlot(slots, SLOTS.globals + b, readSlot(slots, SLOTS.globals + b) & ~(1n << 63n))
    }),
  },
  'data.drop': drops('elem.drop', SLOTS.dataLengths),
  'elem.drop': drops('data.drop', SLOTS.elementLengths),
}

function locals(name: string): BrokenHandler {
  const spare = name === 'local.set' ? 1 : 0
  return {
    'the next one': nextB,
    'any slot below the end': (right) => (m, given) => {
      const { fp, sp } = m.registers
      if (fp + given.b < sp - spare || fp + given.b >= 2 ** 21) return right(m, given)
      m.registers.fp = 0
      right(m, { ...given, b: 0 })
      m.registers.fp = fp
    },
    'of 32 bits': (right) => (m, given) => {
      const { fp } = m.registers
      right(m, given)
      const at = name === 'local.get' ? m.registers.sp - 1 : fp + given.b
      m.setSlot(at, m.slot(at) & 0xffff_ffffn)
    },
  }
}

function drops(other: string, lengths: number): BrokenHandler {
  return {
    'the next one': nextB,
    'the other kind': instead(other),
    'a length of 1 is left': afterwards((m, { b }) => writeSlot(m.opener.slots, lengths + b, 1n)),
    'it goes on where it should trap': neverTraps,
  }
}
