/** Wrong ways to do what is no computation: on the stack, in memory, in tables, and with the program's course. */

import { INSTRUCTIONS } from '../../src/isa/instructions.ts'
import { MEMORY_SPACE_LEAVES, SLOTS } from '../../src/state/state.ts'
import { type Handler, Machine, readSlot, TRAP, u32, writeSlot } from '../../src/step/machine.ts'
import type { Region } from '../../src/step/region.ts'
import type { Broken, BrokenHandler } from './breakage.ts'

type Immediates = Parameters<Handler>[1]

const immediates =
  (change: (given: Immediates, m: Machine) => Partial<Immediates>): Broken<Handler> =>
  (right) =>
  (m, given) =>
    right(m, { ...given, ...change(given, m) })

const afterwards =
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
const neverTraps: Broken<Handler> = (right) => (m, given) => {
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

const instead =
  (other: string): Broken<Handler> =>
  (_, of) =>
    of(other)

const nextB = immediates(({ b }) => ({ b: b + 1 }))
const lastBit = afterwards((m) => {
  m.top ^= 1n
})
const furtherOn = afterwards((m) => {
  m.registers.pc++
})

/** The handler with another idea of how large a memory is. */
const sizes =
  (change: (size: number, m: Machine) => number): Broken<Handler> =>
  (right) =>
  (m, given) => {
    m.size = (memory) => change(Machine.prototype.size.call(m, memory), m)
    right(m, given)
  }

/** The handler on regions that are seen otherwise. */
const regions =
  (
    change: (m: Machine) => Partial<Record<'memory' | 'slots' | 'stack' | 'output', Region>>,
  ): Broken<Handler> =>
  (right) =>
  (m, given) => {
    const views = Object.entries(change(m)).map(([name, value]) => [name, { value }])
    const opener = Object.create(m.opener, Object.fromEntries(views))
    right(new Machine(opener, m.instruction), given)
  }

const memoryLeaves = (change: (leaf: number) => number): Broken<Handler> =>
  regions((m) => ({
    memory: { open: (leaf) => m.opener.memory.open(change(leaf)), truncate: () => {} },
  }))

/**
 * Takes an operand for one of 64 bits, and traps where it is large.
 *
 * @param depths of operands that are opened in that order; the last of them is the one
 */
const wide =
  (...depths: readonly number[]): Broken<Handler> =>
  (right) =>
  (m, given) => {
    const operands = depths.map((depth) => m.slot(m.registers.sp - depth))
    if (operands.at(-1)! >> 32n !== 0n) throw TRAP
    right(m, given)
  }

const ALL_WIDE: BrokenHandler = {
  'the top has 64 bits': wide(1),
  'the second has 64 bits': wide(1, 2),
  'the third has 64 bits': wide(1, 2, 3),
}

const LIMITS: BrokenHandler = {
  'a byte beyond the end is there': sizes((size) => size + 1),
  'the last byte is not there': sizes((size) => size - 1),
}

const ALWAYS_FIRST = { 'it is always the first memory': immediates(({ a }) => ({ a: a & ~1 })) }

/** With no bytes to move it does not look where. */
const zeroBytes: BrokenHandler = {
  'no bytes may lie anywhere': (right) => (m, given) => (u32(m.top) === 0 ? m.done() : right(m, given)),
  'the bytes of a step are one too few': (right) => (m, given) => {
    const { sp } = m.registers
    const n = u32(m.top)
    right(m, given)
    if (m.registers.sp === sp && n - u32(m.top) > 1) m.top += 1n
  },
}

/** Of a load or store: where its address is, and of how many bytes. */
const widthOf = (name: string) => Number(/(8|16|32)(_[su])?$/.exec(name)?.[1] ?? name.slice(1, 3)) / 8

function access(name: string): BrokenHandler {
  const isLoad = name.includes('load')
  const address = (m: Machine) => (isLoad ? m.top : m.second)
  const all: Record<string, Broken<Handler>> = {
    ...LIMITS,
    ...ALWAYS_FIRST,
    'the address has 64 bits': isLoad ? wide(1) : wide(1, 2),
    'the offset is one more': nextB,
    'the offset does not count': immediates(() => ({ b: 0 })),
    'addresses wrap at 4 GiB': immediates(({ b }, m) => ({
      b: u32(address(m)) + b >= 2 ** 32 ? b - 2 ** 32 : b,
    })),
    'it goes on where it should trap': neverTraps,
  }
  if (widthOf(name) > 1) {
    all['of two leaves it opens the higher one first'] =
      (right) =>
      (m, { a, b, ...more }) => {
        const ea = u32(address(m)) + b
        if (ea + widthOf(name) <= m.size(a)) {
          m.opener.memory.open((a & 1) * MEMORY_SPACE_LEAVES + Math.floor((ea + widthOf(name) - 1) / 32))
        }
        right(m, { a, b, ...more })
      }
    all['its bytes stand the other way round'] = isLoad
      ? afterwards((m) => {
          m.top = reversed(m.top, widthOf(name))
        })
      : (right) => (m, given) => {
          const value = m.top
          m.slot = function (this: Machine, index: number) {
            const slot = Machine.prototype.slot.call(this, index)
            return index === this.registers.sp - 1 && slot === value ? reversed(slot, widthOf(name)) : slot
          }
          right(m, given)
        }
  }
  if (isLoad) {
    all['its lowest bit is the other'] = lastBit
    if (/_[su]$/.test(name))
      all['its sign is the other'] = instead(name.replace(/.$/, name.endsWith('s') ? 'u' : 's'))
    if (/^.32/.test(name) && !name.endsWith('_u')) {
      all['its sign goes on above'] = afterwards((m) => {
        m.top = BigInt.asUintN(64, BigInt.asIntN(32, m.top))
      })
    }
  } else {
    all['it writes half as many bytes, or twice'] = instead(OTHER_WIDTH[name]!)
  }
  return all
}

const OTHER_WIDTH: Readonly<Record<string, string>> = {
  'i32.store': 'i32.store16',
  'i64.store': 'i64.store32',
  'f32.store': 'i32.store16',
  'f64.store': 'f32.store',
  'i32.store8': 'i32.store16',
  'i32.store16': 'i32.store8',
  'i64.store8': 'i64.store16',
  'i64.store16': 'i64.store8',
  'i64.store32': 'i64.store16',
}

function reversed(slot: bigint, width: number): bigint {
  let result = 0n
  for (let i = 0; i < width; i++) result = (result << 8n) | ((slot >> BigInt(8 * i)) & 255n)
  return result
}

const isTaken = (test: (top: bigint) => boolean): Broken<Handler> => {
  return () =>
    (m, { b }) =>
      test(m.top) ? m.goTo(b) : m.done()
}

/** Elements are slots of references plus one; lengths and sizes are slots of their own. */
const elementLess = (m: Machine, slot: number) =>
  writeSlot(m.opener.slots, slot, readSlot(m.opener.slots, slot) - 1n)
const tableSlot = (table: number, i: number) => SLOTS.tables + (table & 15) * SLOTS.table + i

const SPECIFIC: Readonly<Record<string, BrokenHandler>> = {
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
  'memory.size': {
    ...ALWAYS_FIRST,
    'one more': afterwards((m) => {
      m.top += 1n
    }),
    'at most 65,536': afterwards((m) => {
      if (m.top > 65_536n) m.top = 65_536n
    }),
  },
  'memory.grow': {
    'the top has 64 bits': wide(1),
    ...ALWAYS_FIRST,
    'one more than the most': nextB,
    'it gives the new size': (right) => (m, given) => {
      const before = m.registers.pages[given.a & 1]!
      right(m, given)
      if (m.registers.pages[given.a & 1] !== before) m.top = BigInt(m.registers.pages[given.a & 1]!)
    },
    'without room it gives 64 ones': afterwards((m) => {
      if (m.top === 0xffff_ffffn) m.top = 2n ** 64n - 1n
    }),
    'the program’s most is no limit': immediates(() => ({ b: 65_536 })),
  },
  'memory.fill': {
    ...LIMITS,
    ...ALL_WIDE,
    ...ALWAYS_FIRST,
    ...zeroBytes,
    'it goes on where it should trap': neverTraps,
    'a byte further': (right) => (m, given) => {
      const { sp } = m.registers
      right(m, given)
      if (m.registers.sp === sp) m.third = (m.third + 1n) & 0xffff_ffffn
    },
  },
  'memory.copy': {
    ...LIMITS,
    ...ALL_WIDE,
    ...zeroBytes,
    'from and to are swapped': immediates(({ a }) => ({ a: ((a & 1) << 1) | ((a >> 1) & 1) })),
    'it goes on where it should trap': neverTraps,
    'always upwards': (right) => (m, given) => {
      const [s, d] = [u32(m.second), u32(m.third)]
      const { sp } = m.registers
      right(m, given)
      if (d > s && m.registers.sp === sp) m.third = BigInt(d + 1)
    },
  },
  'memory.init': {
    ...LIMITS,
    ...ALL_WIDE,
    ...ALWAYS_FIRST,
    ...zeroBytes,
    'from one further': nextB,
    'of the next segment': immediates(({ a }) => ({ a: a + 2 })),
    'it goes on where it should trap': neverTraps,
  },
  'input.length': {
    'one more': afterwards((m) => {
      m.top += 1n
    }),
    'of 31 bits': afterwards((m) => {
      m.top &= 0x7fff_ffffn
    }),
  },
  'input.read': {
    ...LIMITS,
    ...ALL_WIDE,
    ...zeroBytes,
    'to the module’s memory': memoryLeaves((leaf) => leaf % MEMORY_SPACE_LEAVES),
    'it goes on where it should trap': neverTraps,
  },
  'output.write': {
    ...LIMITS,
    'the top has 64 bits': wide(1),
    'the second has 64 bits': wide(1, 2),
    ...zeroBytes,
    'from the module’s memory': memoryLeaves((leaf) => leaf % MEMORY_SPACE_LEAVES),
    'it goes on where it should trap': neverTraps,
    'a full output traps': (right) => (m, given) => {
      right(m, given)
      if (m.registers.status !== 0) throw TRAP
    },
    'a byte more than the most': (right) => (m, given) => {
      m.registers.outputMax++
      right(m, given)
      m.registers.outputMax--
    },
  },
  halt: {
    'it takes its operand': afterwards((m) => {
      m.registers.sp--
    }),
    'it goes on': afterwards((m) => {
      m.registers.status = 0
      m.registers.pc++
    }),
  },
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

function elementOf(m: Machine, b: number): bigint {
  const i = u32(m.top)
  return i < SLOTS.table ? readSlot(m.opener.slots, tableSlot(b >>> 24, i)) : 0n
}

/** Breakages of an instruction that is no computation. */
export function brokenHandlers(name: string): BrokenHandler {
  const { class: kind } = INSTRUCTIONS.find((each) => each.name === name)!
  return SPECIFIC[name] ?? (kind === 'memory' ? access(name) : {})
}
