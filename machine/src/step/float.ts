/** Float instructions. JavaScript's numbers are f64; those of f32 are computed there and rounded, which is exact. */
import { type Compute, prefixed } from './numeric.ts'

const view = new DataView(new ArrayBuffer(8))

/** A format: its numbers as JavaScript's, and back into bits, a NaN as the canonical one. */
interface Format {
  readonly sign: bigint
  /** The low bits of a slot that are an operand. */
  bits(slot: bigint): bigint
  decode(slot: bigint): number
  encode(value: number): bigint
}

const F32: Format = {
  sign: 1n << 31n,
  bits: (slot) => BigInt.asUintN(32, slot),
  decode(slot) {
    view.setUint32(0, Number(BigInt.asUintN(32, slot)))
    return view.getFloat32(0)
  },
  encode(value) {
    if (Number.isNaN(value)) return 0x7fc0_0000n
    view.setFloat32(0, value)
    return BigInt(view.getUint32(0))
  },
}

const F64: Format = {
  sign: 1n << 63n,
  bits: (slot) => slot,
  decode(slot) {
    view.setBigUint64(0, slot)
    return view.getFloat64(0)
  },
  encode(value) {
    if (Number.isNaN(value)) return 0x7ff8_0000_0000_0000n
    view.setFloat64(0, value)
    return view.getBigUint64(0)
  },
}

export const FLOAT: Readonly<Record<string, Compute>> = {
  ...prefixed('f32.', operations(F32)),
  ...prefixed('f64.', operations(F64)),
  ...prefixed('i32.', truncations(32)),
  ...prefixed('i64.', truncations(64)),
  ...prefixed('f32.', conversions(F32)),
  ...prefixed('f64.', conversions(F64)),
  'f32.demote_f64': (a) => F32.encode(F64.decode(a)),
  'f64.promote_f32': (a) => F64.encode(F32.decode(a)),
  'i32.reinterpret_f32': (a) => F32.bits(a),
  'i64.reinterpret_f64': (a) => a,
  'f32.reinterpret_i32': (a) => F32.bits(a),
  'f64.reinterpret_i64': (a) => a,
}

function operations({ sign, bits, decode, encode }: Format): Record<string, Compute> {
  const compare =
    (holds: (a: number, b: number) => boolean): Compute =>
    (a, b) =>
      holds(decode(a), decode(b)) ? 1n : 0n
  const unary =
    (apply: (a: number) => number): Compute =>
    (a) =>
      encode(apply(decode(a)))
  const binary =
    (apply: (a: number, b: number) => number): Compute =>
    (a, b) =>
      encode(apply(decode(a), decode(b)))
  return {
    eq: compare((a, b) => a === b),
    ne: compare((a, b) => a !== b),
    lt: compare((a, b) => a < b),
    gt: compare((a, b) => a > b),
    le: compare((a, b) => a <= b),
    ge: compare((a, b) => a >= b),
    abs: (a) => bits(a) & ~sign,
    neg: (a) => bits(a) ^ sign,
    copysign: (a, b) => (bits(a) & ~sign) | (b & sign),
    ceil: unary(Math.ceil),
    floor: unary(Math.floor),
    trunc: unary(Math.trunc),
    nearest: unary(nearest),
    sqrt: unary(Math.sqrt),
    add: binary((a, b) => a + b),
    sub: binary((a, b) => a - b),
    mul: binary((a, b) => a * b),
    div: binary((a, b) => a / b),
    min: binary(Math.min),
    max: binary(Math.max),
  }
}

/** To the nearest whole number, of two the even one; zeros keep the sign. */
function nearest(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  if (rest === 0 || Number.isNaN(rest)) return value
  const up = rest > 0.5 || (rest === 0.5 && below % 2 !== 0)
  const whole = up ? below + 1 : below
  return whole === 0 && value < 0 ? -0 : whole
}

/** To integers of a width, for each format and signedness, with a trap outside its range or without. */
function truncations(bits: 32 | 64): Record<string, Compute> {
  const all: Record<string, Compute> = {}
  for (const [format, { decode }] of [['f32', F32] as const, ['f64', F64] as const]) {
    for (const sign of ['s', 'u'] as const) {
      const [least, most] = range(bits, sign)
      all[`trunc_${format}_${sign}`] = (a) => {
        const value = Math.trunc(decode(a))
        if (!Number.isFinite(value)) return undefined
        const whole = BigInt(value)
        return whole < least || whole > most ? undefined : BigInt.asUintN(bits, whole)
      }
      all[`trunc_sat_${format}_${sign}`] = (a) => {
        const value = Math.trunc(decode(a))
        if (Number.isNaN(value)) return 0n
        if (value <= Number(least)) return BigInt.asUintN(bits, least)
        if (value >= Number(most)) return most
        return BigInt.asUintN(bits, BigInt(value))
      }
    }
  }
  return all
}

function range(bits: 32 | 64, sign: 's' | 'u'): [bigint, bigint] {
  if (sign === 'u') return [0n, (1n << BigInt(bits)) - 1n]
  const half = 1n << BigInt(bits - 1)
  return [-half, half - 1n]
}

/** From integers. A bigint becomes the nearest f64; on the way to f32 that would be rounding twice. */
function conversions({ encode }: Format): Record<string, Compute> {
  const convert = (value: bigint) => encode(Number(encode === F32.encode ? sticky(value) : value))
  return {
    convert_i32_s: (a) => convert(BigInt.asIntN(32, a)),
    convert_i32_u: (a) => convert(BigInt.asUintN(32, a)),
    convert_i64_s: (a) => convert(BigInt.asIntN(64, a)),
    convert_i64_u: (a) => convert(a),
  }
}

/** Low bits that an f64 would round away, as one bit far below the last place of an f32. */
function sticky(value: bigint): bigint {
  const magnitude = value < 0n ? -value : value
  if (magnitude < 1n << 53n) return value
  const kept = (magnitude >> 12n) | (magnitude & 0xfffn ? 1n : 0n)
  return (value < 0n ? -kept : kept) << 12n
}
