/** Wrong ways to compute: mistakes that somebody who writes these instructions makes. */

import type { Compute } from '../../src/step/numeric.ts'
import { F32, I32, NAME, OPERANDS, RESULT } from '../../src/wasm/opcodes.ts'
import { altered, type Broken, type BrokenCompute, onTrap } from './breakage.ts'
import { onFloats, toFloats } from './floats.ts'

/** Breakages of an instruction that computes. */
export function brokenComputations(name: string): BrokenCompute {
  const number = NAME.indexOf(name)
  const operands = OPERANDS[number]!
  const result = RESULT[number]!
  const operation = name.slice(4)
  const all: Record<string, Broken<Compute>> = {
    'its lowest bit is the other': altered((slot) => slot ^ 1n),
    ...(isShort(operands[0]!) && { 'it heeds bits above its operand': heedsAbove }),
    ...(isShort(result) && { 'it leaves bits above its result': leavesAbove }),
    ...(operands.length === 2 && !COMMUTES.test(operation) && { 'its operands are swapped': swapped }),
  }
  if (/_[su]$/.test(name) && !/extend(8|16|32)_s/.test(name))
    all['its sign is the other'] = instead(otherSign(name))
  for (const [other, what] of CONFUSED[operation] ?? []) all[what] = instead(`${name.slice(0, 4)}${other}`)
  if (name.startsWith('i')) Object.assign(all, integer(operation, name.startsWith('i32') ? 32n : 64n))
  return { ...all, ...onFloats(name, operands[0]!), ...toFloats(name, result) }
}

const isShort = (type: number) => type === I32 || type === F32

const COMMUTES = /^(add|mul|and|or|xor|eq|ne|min|max)$/

const swapped: Broken<Compute> = (right) => (a, b) => right(b, a)
const heedsAbove: Broken<Compute> = altered((slot, a) => (a >> 32n === 0n ? slot : slot ^ 1n))
const leavesAbove: Broken<Compute> = altered((slot, a) => slot | ((a >> 32n) << 32n) | (1n << 32n))

const instead =
  (other: string): Broken<Compute> =>
  (_, of) =>
    of(other)

function otherSign(name: string): string {
  return name.endsWith('_s') ? `${name.slice(0, -1)}u` : `${name.slice(0, -1)}s`
}

/** What is easily taken for what, of the same type. */
const CONFUSED: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  lt_s: [['le_s', 'equal ones count']],
  lt_u: [['le_u', 'equal ones count']],
  gt_s: [['ge_s', 'equal ones count']],
  gt_u: [['ge_u', 'equal ones count']],
  le_s: [['lt_s', 'equal ones do not count']],
  le_u: [['lt_u', 'equal ones do not count']],
  ge_s: [['gt_s', 'equal ones do not count']],
  ge_u: [['gt_u', 'equal ones do not count']],
  lt: [['le', 'equal ones count']],
  gt: [['ge', 'equal ones count']],
  le: [['lt', 'equal ones do not count']],
  ge: [['gt', 'equal ones do not count']],
  clz: [['ctz', 'it counts from the other end']],
  ctz: [['clz', 'it counts from the other end']],
  and: [['or', 'it is or']],
  or: [['xor', 'it is xor']],
  xor: [['or', 'it is or']],
  rotl: [
    ['rotr', 'the other way round'],
    ['shl', 'what leaves is lost'],
  ],
  rotr: [
    ['rotl', 'the other way round'],
    ['shr_u', 'what leaves is lost'],
  ],
  min: [['max', 'it is max']],
  max: [['min', 'it is min']],
  ceil: [['trunc', 'towards zero']],
  floor: [['trunc', 'towards zero']],
  trunc: [['floor', 'downwards']],
  extend8_s: [['extend16_s', 'of 16 bits']],
  extend16_s: [['extend8_s', 'of 8 bits']],
}

function integer(operation: string, width: bigint): BrokenCompute {
  const least = 1n << (width - 1n)
  const mask = (1n << width) - 1n
  const low = (slot: bigint) => slot & mask
  const signed = (slot: bigint) => BigInt.asIntN(Number(width), slot)
  const zero = { 'dividing by zero gives 0': onTrap((_, b) => (low(b) === 0n ? 0n : undefined)) }
  const shift = (by: Broken<Compute>) => ({ 'the whole width or more counts': by })
  const beyond = (gives: (a: bigint) => bigint): Broken<Compute> => {
    return (right) => (a, b) => (low(b) >= width ? gives(a) : right(a, b))
  }
  const zeroOf = { 'of 0 it is one less': altered((slot) => (slot === width ? slot - 1n : slot)) }
  const OF: Record<string, BrokenCompute> = {
    eqz: { '1 counts as 0': (right) => (a) => (low(a) === 1n ? 1n : right(a, 0n)) },
    eq: { 'the highest bit does not count': (right) => (a, b) => right(low(a) & ~least, low(b) & ~least) },
    ne: { 'the highest bit does not count': (right) => (a, b) => right(low(a) & ~least, low(b) & ~least) },
    clz: zeroOf,
    ctz: zeroOf,
    popcnt: { 'the sign does not count': (right) => (a) => right(low(a) & ~least, 0n) },
    add: {
      'it stops at the greatest': (_right) => (a, b) => (low(a) + low(b) > mask ? mask : low(a) + low(b)),
    },
    sub: { 'it stops at 0': (_right) => (a, b) => (low(a) < low(b) ? 0n : low(a) - low(b)) },
    mul: { 'the highest bit is lost': altered((slot) => slot & ~least) },
    div_s: {
      ...zero,
      'the one overflow gives the least': onTrap((_, b) => (low(b) === 0n ? undefined : least)),
      'it rounds downwards': (right) => (a, b) => {
        const quotient = right(a, b)
        if (quotient === undefined) return undefined
        const [x, y] = [signed(a), signed(b)]
        return x % y !== 0n && x < 0n !== y < 0n ? low(quotient - 1n) : quotient
      },
    },
    div_u: zero,
    rem_s: {
      ...zero,
      'the least by -1 traps': (right) => (a, b) =>
        low(a) === least && low(b) === mask ? undefined : right(a, b),
      'its sign is the divisor’s': (right) => (a, b) => {
        const rest = right(a, b)
        if (rest === undefined || rest === 0n) return rest
        return signed(rest) < 0n === signed(b) < 0n ? rest : low(rest + low(b))
      },
    },
    rem_u: zero,
    shl: shift(beyond(() => 0n)),
    shr_u: shift(beyond(() => 0n)),
    shr_s: shift(beyond((a) => (signed(a) < 0n ? mask : 0n))),
    rotl: shift(beyond((a) => low(a))),
    rotr: shift(beyond((a) => low(a))),
    wrap_i64: { 'the highest bit is lost': altered((slot) => slot & 0x7fff_ffffn) },
    extend8_s: { 'it fills with zeros': (_) => (a) => a & 0xffn },
    extend16_s: { 'it fills with zeros': (_) => (a) => a & 0xffffn },
    extend32_s: {
      'it fills with zeros': (_) => (a) => a & 0xffff_ffffn,
      'of 16 bits': instead('i64.extend16_s'),
    },
  }
  return OF[operation] ?? {}
}
