import { type Compute, prefixed } from './numeric.ts'

export const INTEGER: Readonly<Record<string, Compute>> = {
  ...prefixed('i32.', operations(32)),
  ...prefixed('i64.', operations(64)),
  'i32.wrap_i64': (a) => BigInt.asUintN(32, a),
  'i64.extend_i32_s': (a) => BigInt.asUintN(64, BigInt.asIntN(32, a)),
  'i64.extend_i32_u': (a) => BigInt.asUintN(32, a),
  'i32.extend8_s': (a) => BigInt.asUintN(32, BigInt.asIntN(8, a)),
  'i32.extend16_s': (a) => BigInt.asUintN(32, BigInt.asIntN(16, a)),
  'i64.extend8_s': (a) => BigInt.asUintN(64, BigInt.asIntN(8, a)),
  'i64.extend16_s': (a) => BigInt.asUintN(64, BigInt.asIntN(16, a)),
  'i64.extend32_s': (a) => BigInt.asUintN(64, BigInt.asIntN(32, a)),
}

/** What both widths have. */
function operations(bits: 32 | 64): Record<string, Compute> {
  const width = BigInt(bits)
  const least = -(1n << (width - 1n))
  const signed = (slot: bigint) => BigInt.asIntN(bits, slot)
  const low = (slot: bigint) => BigInt.asUintN(bits, slot)
  const plain: Record<string, Compute> = {
    eqz: (a) => flag(a === 0n),
    eq: (a, b) => flag(a === b),
    ne: (a, b) => flag(a !== b),
    lt_s: (a, b) => flag(signed(a) < signed(b)),
    lt_u: (a, b) => flag(a < b),
    gt_s: (a, b) => flag(signed(a) > signed(b)),
    gt_u: (a, b) => flag(a > b),
    le_s: (a, b) => flag(signed(a) <= signed(b)),
    le_u: (a, b) => flag(a <= b),
    ge_s: (a, b) => flag(signed(a) >= signed(b)),
    ge_u: (a, b) => flag(a >= b),
    clz: (a) => width - BigInt(a === 0n ? 0 : a.toString(2).length),
    ctz: (a) => (a === 0n ? width : BigInt((a & -a).toString(2).length - 1)),
    popcnt: (a) => BigInt(a.toString(2).replaceAll('0', '').length),
    add: (a, b) => a + b,
    sub: (a, b) => a - b,
    mul: (a, b) => a * b,
    div_s: (a, b) =>
      b === 0n || (signed(a) === least && signed(b) === -1n) ? undefined : signed(a) / signed(b),
    div_u: (a, b) => (b === 0n ? undefined : a / b),
    rem_s: (a, b) => (b === 0n ? undefined : signed(a) % signed(b)),
    rem_u: (a, b) => (b === 0n ? undefined : a % b),
    and: (a, b) => a & b,
    or: (a, b) => a | b,
    xor: (a, b) => a ^ b,
    shl: (a, b) => a << (b % width),
    shr_s: (a, b) => signed(a) >> (b % width),
    shr_u: (a, b) => a >> (b % width),
    rotl: (a, b) => (a << (b % width)) | (a >> (width - (b % width))),
    rotr: (a, b) => (a >> (b % width)) | (a << (width - (b % width))),
  }
  const narrowed = Object.entries(plain).map(([name, compute]): [string, Compute] => [
    name,
    (a, b) => {
      const result = compute(low(a), low(b))
      return result === undefined ? undefined : low(result)
    },
  ])
  return Object.fromEntries(narrowed)
}

function flag(condition: boolean): bigint {
  return condition ? 1n : 0n
}
