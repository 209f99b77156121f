// Operands at the edges, where floats go wrong.
import type { ValueType } from './instructions.ts'

interface Shape {
  readonly fraction: bigint
  readonly exponent: bigint
}
export const SHAPES: Record<'f32' | 'f64', Shape> = {
  f32: { fraction: 23n, exponent: 8n },
  f64: { fraction: 52n, exponent: 11n },
}
const widthOf = (type: ValueType) => (type.endsWith('32') ? 32n : 64n)

/** Few enough to be paired each with each. */
export function edges(type: 'f32' | 'f64'): bigint[] {
  const { fraction, exponent } = SHAPES[type]
  const sign = 1n << (fraction + exponent)
  const bias = (1n << (exponent - 1n)) - 1n
  const infinity = ((1n << exponent) - 1n) << fraction
  const normal = 1n << fraction
  const quiet = normal >> 1n
  const power = (of: bigint) => (bias + of) << fraction
  const beside = (bits: bigint) => [bits - 1n, bits, bits + 1n]
  // Two powers whose product is half of the least subnormal number: a tie between that and zero.
  const tiny = -(bias + fraction)
  const positive = [
    0n,
    1n,
    3n,
    ...beside(normal),
    infinity - 1n,
    infinity,
    infinity | 1n,
    infinity | quiet | 5n,
    power(tiny / 2n + 1n),
    power(tiny - tiny / 2n - 1n),
    power(bias / 2n + 1n),
    power(-fraction - 1n) + 1n,
    power(-fraction - 1n),
    ...beside(power(-1n)),
    ...beside(power(0n)),
    // One and a half, two and a half, a tenth, a third.
    power(0n) | quiet,
    power(1n) | (quiet >> 1n),
    power(-4n) | ((normal * 3n) / 5n),
    power(-2n) | (normal / 3n),
    // Where halves, and then odd numbers, are no longer told apart.
    power(fraction - 1n) + 1n,
    power(fraction) + 1n,
    power(fraction + 1n),
  ]
  return positive.flatMap((bits) => [bits, bits | sign])
}

/** For instructions of one operand, which can have more of them. */
export function unaryEdges(type: ValueType): bigint[] {
  if (type === 'i32' || type === 'i64') return integerEdges(widthOf(type))
  const { fraction, exponent } = SHAPES[type]
  const bias = (1n << (exponent - 1n)) - 1n
  const sign = 1n << (fraction + exponent)
  const powers = Array.from({ length: 68 }, (_, of) => (bias + BigInt(of) - 2n) << fraction)
  // Every half between one and eight.
  const halves = Array.from({ length: 14 }, (_, place) => halfAt(BigInt(place + 2), bias, fraction))
  const positive = [...powers, ...halves].flatMap((bits) => [bits - 1n, bits, bits + 1n])
  return [...edges(type), ...positive.flatMap((bits) => [bits, bits | sign])]
}

/** `count` halves, as a float's bits. */
function halfAt(count: bigint, bias: bigint, fraction: bigint): bigint {
  const top = BigInt(count.toString(2).length - 1)
  return ((bias + top - 1n) << fraction) + ((count - (1n << top)) << (fraction - top))
}

/** Of f64, for the way to f32: its greatest and least numbers, and the ties around them. */
export const DEMOTED_EDGES: readonly bigint[] = [127n, 128n, -126n, -149n, -150n, -151n].flatMap((of) => {
  const power = (1023n + of) << 52n
  const lastPlace = 1n << 29n
  return [-2n, -1n, 0n, 1n, 2n, 3n].flatMap((halves) =>
    [-1n, 0n, 1n].map((beside) => power + (halves * lastPlace) / 2n + beside),
  )
})

/**
 * Whose roots lie so little above a tie that the first eighty bits do not show it: `odd² + rest` for an odd number
 * of one bit more than a significand, where that is a float.
 */
export function hardRoots(type: 'f32' | 'f64'): bigint[] {
  const { fraction, exponent } = SHAPES[type]
  const bias = (1n << (exponent - 1n)) - 1n
  const scale = fraction + 3n
  const modulus = 1n << scale
  const least = 1n << (fraction + 1n)
  const rests = Array.from({ length: 16 }, (_, place) => BigInt(8 * place + 7))
  const odds = rests.flatMap((rest) => {
    const root = rootOf(modulus - rest, scale)
    const roots = [root, modulus - root].flatMap((each) => [each, (each + modulus / 2n) % modulus])
    return roots.filter((odd) => odd >= least && odd < 2n * least).map((odd) => odd * odd + rest)
  })
  return odds.map((square) => {
    const significand = square >> scale
    const top = BigInt(significand.toString(2).length - 1)
    return ((bias + scale + top - 1n) << fraction) + (significand << (fraction - top))
  })
}

/** Of a number that is one more than a multiple of eight, modulo a power of two: bit by bit. */
function rootOf(square: bigint, bits: bigint): bigint {
  let root = 1n
  for (let bit = 3n; bit < bits; bit++) {
    if (((root * root - square) >> bit) & 1n) root += 1n << (bit - 1n)
  }
  return root
}

function integerEdges(width: bigint): bigint[] {
  const powers = Array.from({ length: Number(width) + 1 }, (_, of) => 1n << BigInt(of))
  // Above 2^24 and 2^53 what two and three more bits than a significand's make are ties and near ties.
  const ties = [24n, 25n, 53n, 54n].flatMap((bits) =>
    [0n, 4n, 7n].flatMap((up) => [1n, 2n, 3n, 5n, 6n, 7n].map((low) => ((1n << bits) + low) << up)),
  )
  const positive = [...powers.flatMap((power) => [power - 1n, power, power + 1n]), ...ties]
  const all = positive
    .flatMap((value) => [value, -value])
    .map((value) => BigInt.asUintN(Number(width), value))
  return [...new Set(all)]
}
