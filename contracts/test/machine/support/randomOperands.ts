// Random operands that come near edges more often than chance has it, quickly: a million pairs in about a second.
import { createHash } from 'node:crypto'
import type { ValueType } from './instructions.ts'
import { SHAPES } from './operands.ts'

/** Pairs of slots, one operand behind the other. What stands above a 32-bit operand's bits is rubbish. */
export function randomPairs(type: ValueType, seed: string, count: number): BigUint64Array {
  const draw = generator(seed)
  const slots = new BigUint64Array(2 * count)
  if (type === 'i32' || type === 'i64') fillWithIntegers(type, slots, draw)
  else fillWithFloats(type, slots, draw)
  if (type.endsWith('32')) {
    for (let at = 0; at < slots.length; at++) slots[at]! |= (draw() >> 32n) << 32n
  }
  return slots
}

/** Of 64 random bits. */
type Draw = () => bigint

/** SplitMix64: a hash for each draw would take longer than the EVM. */
function generator(seed: string): Draw {
  let state = createHash('sha256').update(seed).digest().readBigUInt64LE()
  return () => {
    state = BigInt.asUintN(64, state + 0x9e37_79b9_7f4a_7c15n)
    const once = BigInt.asUintN(64, (state ^ (state >> 30n)) * 0xbf58_476d_1ce4_e5b9n)
    const twice = BigInt.asUintN(64, (once ^ (once >> 27n)) * 0x94d0_49bb_1331_11ebn)
    return twice ^ (twice >> 31n)
  }
}

/** From 0 to one less than `limit`, which is small. */
const below = (limit: bigint, draw: Draw): bigint => ((draw() >> 32n) * limit) >> 32n

/** Of any length in bits. */
function fillWithIntegers(type: 'i32' | 'i64', slots: BigUint64Array, draw: Draw): void {
  const width = type === 'i32' ? 32n : 64n
  for (let at = 0; at < slots.length; at++) slots[at] = (draw() >> (64n - width)) >> below(width, draw)
}

function fillWithFloats(type: 'f32' | 'f64', slots: BigUint64Array, draw: Draw): void {
  const { fraction, exponent } = SHAPES[type]
  const bias = (1n << (exponent - 1n)) - 1n
  const signBit = 1n << (fraction + exponent)
  for (let at = 0; at < slots.length; at += 2) {
    const first = randomExponent(bias, draw)
    slots[at] = (first << fraction) | randomFraction(fraction, draw)
    const how = draw() & 7n
    if (how === 0n) {
      // Equal to the first, or nearly: comparisons, and differences of few bits.
      slots[at + 1] = (slots[at]! + below(5n, draw) - 2n) & (signBit - 1n)
    } else {
      const second = how < 5n ? randomExponent(bias, draw) : partnerOf(first, bias, fraction + 4n, draw)
      slots[at + 1] = (second << fraction) | randomFraction(fraction, draw)
    }
    const signs = draw()
    if ((signs & 1n) === 1n) slots[at]! |= signBit
    if ((signs & 2n) === 2n) slots[at + 1]! |= signBit
  }
}

/** As written: half of the time any, else at the bottom or the top, or where halves and integers are. */
function randomExponent(bias: bigint, draw: Draw): bigint {
  const most = 2n * bias + 1n
  const how = draw() & 7n
  if (how < 4n) return below(most + 1n, draw)
  if (how === 4n) return below(3n, draw)
  if (how === 5n) return most - below(3n, draw)
  return bias - 2n + below(68n, draw)
}

/** For a term of the other's size, a product at the bottom or the top of the range, or a quotient there. */
function partnerOf(other: bigint, bias: bigint, reach: bigint, draw: Draw): bigint {
  const apart = below(2n * reach, draw) - reach
  return BigInt.asUintN(64, apart + middleFor(other, bias, draw)) & (2n * bias + 1n)
}

function middleFor(other: bigint, bias: bigint, draw: Draw): bigint {
  const how = below(5n, draw)
  if (how === 0n) return other
  if (how === 1n) return bias - other
  if (how === 2n) return 3n * bias - other
  return how === 3n ? other + bias : other - bias
}

/** Often none, or of few bits at either end, which make ties and carries. */
function randomFraction(fraction: bigint, draw: Draw): bigint {
  const bits = draw() >> (64n - fraction)
  const ones = (1n << fraction) - 1n
  const how = draw() & 7n
  if (how === 0n) return 0n
  if (how < 3n) return ((bits >> below(fraction, draw)) << below(fraction, draw)) & ones
  if (how < 5n) return ones ^ (bits >> (fraction - below(6n, draw)))
  return bits
}
