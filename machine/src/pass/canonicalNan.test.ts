import { describe, expect, it } from 'vitest'
import { randomFrom } from '../random/random.ts'
import { floatProgram } from '../testing/floatProgram.ts'
import { guestOf } from '../testing/guest.ts'
import { wat } from '../testing/wat.ts'

const FORMATS = [
  {
    type: 'f32',
    int: 'i32',
    canonical: 0x7fc00000n,
    nans: [0x7fc00000n, 0xffc00000n, 0x7fa00001n, 0xff800001n, 0x7fffffffn],
    one: 0x3f800000n,
    sign: 1n << 31n,
    bits: (value: unknown) => BigInt.asUintN(32, BigInt(value as number)),
    argument: (bits: bigint) => Number(BigInt.asIntN(32, bits)),
  },
  {
    type: 'f64',
    int: 'i64',
    canonical: 0x7ff8000000000000n,
    nans: [
      0x7ff8000000000000n,
      0xfff8000000000000n,
      0x7ff4000000000001n,
      0xfff0000000000001n,
      0x7fffffffffffffffn,
    ],
    one: 0x3ff0000000000000n,
    sign: 1n << 63n,
    bits: (value: unknown) => BigInt.asUintN(64, value as bigint),
    argument: (bits: bigint) => BigInt.asIntN(64, bits),
  },
] as const

const UNARY = ['sqrt', 'ceil', 'floor', 'trunc', 'nearest']
const BINARY = ['add', 'sub', 'mul', 'div', 'min', 'max']

describe.each(FORMATS)('NaN of $type', ({ type, int, canonical, nans, one, sign, bits, argument }) => {
  const unary = [...UNARY, 'neg', 'abs'].map(
    (op) => `(func (export "${op}") (param ${type}) (result ${type}) local.get 0 ${type}.${op})`,
  )
  const binary = [...BINARY, 'copysign'].map(
    (op) =>
      `(func (export "${op}") (param ${type} ${type}) (result ${type}) local.get 0 local.get 1 ${type}.${op})`,
  )
  const guest = guestOf(
    wat(`(module (memory 1) ${unary.join(' ')} ${binary.join(' ')}
      (func (export "zeroByZero") (result ${type}) ${type}.const 0 ${type}.const 0 ${type}.div)
      (func (export "stored") (param ${type} ${type}) (result ${int})
        i32.const 0 local.get 0 local.get 1 ${type}.add ${type}.store i32.const 0 ${int}.load)
      (func (export "moved") (param ${type}) (result ${int}) (local ${type})
        i32.const 0 local.get 0 local.tee 1 ${type}.store
        i32.const 8 i32.const 0 ${type}.load ${type}.store i32.const 8 ${int}.load))`),
  )
  const call = (name: string, ...args: bigint[]) =>
    bits(guest.call(name, ...args.map((bits) => argument(bits))))

  it.each(UNARY)('from %s is canonical', (op) => {
    for (const nan of nans) expect(call(op, nan)).toBe(canonical)
  })

  it('from sqrt of a negative number and from 0/0 is canonical', () => {
    expect(call('sqrt', one | sign)).toBe(canonical)
    expect(call('zeroByZero')).toBe(canonical)
  })

  it.each(BINARY)('from %s is canonical', (op) => {
    for (const nan of nans) {
      for (const args of [[nan, one], [one, nan], ...nans.map((other) => [nan, other])]) {
        expect(call(op, ...args)).toBe(canonical)
      }
    }
  })

  it('is canonical in memory', () => {
    for (const nan of nans) expect(call('stored', one, nan)).toBe(canonical)
  })

  it('keeps its bits through neg, abs, copysign, locals, stores and loads', () => {
    for (const nan of nans) {
      expect(call('neg', nan)).toBe(nan ^ sign)
      expect(call('abs', nan)).toBe(nan & ~sign)
      expect(call('copysign', nan, one | sign)).toBe(nan | sign)
      expect(call('moved', nan)).toBe(nan)
    }
  })
})

describe('conversions between floats', () => {
  const guest = guestOf(
    wat(`(module
      (func (export "demote") (param f64) (result f32) local.get 0 f32.demote_f64)
      (func (export "promote") (param f32) (result f64) local.get 0 f64.promote_f32))`),
  )

  it('make NaN canonical', () => {
    for (const nan of FORMATS[1].nans) {
      expect(FORMATS[0].bits(guest.call('demote', FORMATS[1].argument(nan)))).toBe(FORMATS[0].canonical)
    }
    for (const nan of FORMATS[0].nans) {
      expect(FORMATS[1].bits(guest.call('promote', FORMATS[0].argument(nan)))).toBe(FORMATS[1].canonical)
    }
  })
})

describe('a value that comes over two ways', () => {
  const twice = (value: string) => `(param f64) (result i64) (local $seen f64) (local $again i32)
    loop
      i32.const 0 local.get $seen f64.store
      ${value} local.set $seen
      local.get $again i32.eqz if i32.const 1 local.set $again br 1 end
    end
    i32.const 0 i64.load`
  const guest = guestOf(
    wat(`(module (memory 1)
      (func (export "local") ${twice('local.get 0')})
      (func (export "rawLocal") ${twice('local.get 0 f64.const 1 f64.mul')})
      (func (export "block") (param f64 i32) (result i64)
        block (result f64) local.get 0 local.get 1 br_if 0 drop f64.const 1 end
        f64.const 1 f64.const 1 f64.add i32.const 1 select i64.reinterpret_f64)
      (func (export "loop") (param f64) (result i64) (local $again i32)
        f64.const 1
        loop (param f64) (result f64)
          f64.const 1 f64.const 1 f64.add i32.const 1 select
          local.get $again i32.eqz
          if (param f64) (result f64) drop i32.const 1 local.set $again local.get 0 br 1 end
        end
        i64.reinterpret_f64))`),
  )

  it('keeps the bits of a NaN that came over one of them, and is canonical if it was raw', () => {
    for (const nan of FORMATS[1].nans) {
      expect(FORMATS[1].bits(guest.call('block', nan, 1))).toBe(nan)
      expect(FORMATS[1].bits(guest.call('loop', nan))).toBe(nan)
      expect(FORMATS[1].bits(guest.call('local', nan))).toBe(nan)
      expect(FORMATS[1].bits(guest.call('rawLocal', nan))).toBe(FORMATS[1].canonical)
    }
  })
})

describe('a NaN that is left raw while nothing sees its bits', () => {
  const SEED = 20261120
  it(`comes out as the rule says in 1,000 random programs (seed ${SEED})`, () => {
    const random = randomFrom(SEED)
    let nans = 0
    for (let i = 0; i < 1000; i++) {
      const { source, result, memory } = floatProgram(random)
      const guest = guestOf(wat(`(module ${source})`))
      const bits = [BigInt.asUintN(64, guest.call('f') as bigint)]
      const buffer = (guest.exports.memory as WebAssembly.Memory).buffer
      bits.push(...new BigUint64Array(buffer, 0, memory.length))
      expect(bits, `program ${i} of seed ${SEED}: ${source}`).toEqual([result, ...memory])
      nans += bits.filter((seen) => (seen & 0x7fffffffffffffffn) > 0x7ff0000000000000n).length
    }
    expect(nans).toBeGreaterThan(300)
  })
})
