/** Broken copies of a module: bytes changed, put in, taken out and copied about, and files cut short. */

import type { Dice } from '../../src/random/dice.ts'
import type { Span } from '../../src/wasm/module.ts'
import type { RealModule } from './specimens.ts'

/** Bytes that mean much in the format: ends of LEB128 numbers, value types, structure, prefixes. */
const TELLING = [
  0x00, 0x01, 0x7f, 0x80, 0xff, 0x70, 0x6f, 0x7e, 0x7b, 0x02, 0x03, 0x05, 0x0b, 0x0e, 0x11, 0x40, 0xfc, 0xfd,
  0xfe,
]

export function mutate(dice: Dice, { bytes, spans }: RealModule, other: RealModule): Uint8Array {
  let mutant: Uint8Array = bytes.slice()
  // Most are refused at the first change; those with one get furthest.
  for (let n = dice.chance(0.6) ? 1 : 1 + dice.below(4); n > 0; n--) {
    const { start, end } = dice.pick(spans)
    mutant = change(dice, mutant, { start, end: Math.min(end, mutant.length) }, other.bytes)
  }
  return mutant
}

function change(dice: Dice, bytes: Uint8Array, { start, end }: Span, other: Uint8Array): Uint8Array {
  if (start >= end) return bytes
  const at = start + dice.below(end - start)
  let changed = bytes
  dice.choose([
    [50, () => (bytes[at] = dice.below(256))],
    [25, () => (bytes[at] = dice.pick(TELLING))],
    // One more or less: indices and sizes that are nearly right.
    [15, () => (bytes[at]! += dice.chance(0.5) ? 1 : 255)],
    [8, () => (changed = splice(bytes, at, 1 + dice.below(4), new Uint8Array(0)))],
    [
      8,
      () =>
        (changed = splice(
          bytes,
          at,
          0,
          Uint8Array.from({ length: 1 + dice.below(4) }, () => dice.below(256)),
        )),
    ],
    [8, () => bytes.copyWithin(at, start + dice.below(end - start), Math.min(end, at + 1 + dice.below(32)))],
    [5, () => (changed = splice(bytes, at, dice.below(16), stretch(dice, other)))],
    // A number that does not end, or of more bits than it may have.
    [
      5,
      () =>
        (changed = splice(
          bytes,
          at,
          1,
          Uint8Array.from({ length: 1 + dice.below(11) }, () => 0xff),
        )),
    ],
    [4, () => (changed = bytes.slice(0, at))],
  ])
  return changed
}

function stretch(dice: Dice, bytes: Uint8Array): Uint8Array {
  const at = dice.below(bytes.length)
  return bytes.subarray(at, at + 1 + dice.below(32))
}

function splice(bytes: Uint8Array, at: number, count: number, put: Uint8Array): Uint8Array {
  const rest = bytes.subarray(Math.min(bytes.length, at + count))
  const out = new Uint8Array(at + put.length + rest.length)
  out.set(bytes.subarray(0, at))
  out.set(put, at)
  out.set(rest, at + put.length)
  return out
}
