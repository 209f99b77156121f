/** Wrong ways to go to memory, and to what the primitives move. */

import { MEMORY_SPACE_LEAVES } from '../../src/state/state.ts'
import type { Handler } from '../../src/step/machine.ts'
import { Machine, TRAP, u32 } from '../../src/step/machine.ts'
import type { Broken, BrokenHandler } from './breakage.ts'
import {
  ALL_WIDE,
  ALWAYS_FIRST,
  afterwards,
  immediates,
  instead,
  LIMITS,
  lastBit,
  memoryLeaves,
  neverTraps,
  nextB,
  wide,
  zeroBytes,
} from './ways.ts'

/** Of a load or store: where its address is, and of how many bytes. */
const widthOf = (name: string) => Number(/(8|16|32)(_[su])?$/.exec(name)?.[1] ?? name.slice(1, 3)) / 8

export function brokenAccess(name: string): BrokenHandler {
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

export const BROKEN_MEMORY: Readonly<Record<string, BrokenHandler>> = {
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
