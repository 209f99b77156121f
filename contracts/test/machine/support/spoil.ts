import type { random } from '../../support/random.ts'

type Random = ReturnType<typeof random>

/** The witness with a bit turned, a word of zeros or of another place in it, cut, drawn out, or with a word left out. */
export function spoil(witness: Uint8Array, draw: Random): Uint8Array {
  const at = Number(draw.below(BigInt(witness.length)))
  const spoilt = Buffer.from(witness)
  switch (Number(draw.below(6n))) {
    case 0:
    case 1:
      spoilt[at]! ^= 1 << Number(draw.below(8n))
      return spoilt
    case 2:
      return spoilt.fill(0, at, Math.min(at + 32, spoilt.length))
    case 3:
      spoilt.copy(spoilt, Number(draw.below(BigInt(witness.length))), at, at + 32)
      return spoilt
    case 4:
      return draw.below(2n) === 0n
        ? spoilt.subarray(0, at)
        : Buffer.concat([spoilt, new Uint8Array(1 + (at % 64))])
    default:
      return Buffer.concat([spoilt.subarray(0, at), spoilt.subarray(at + 32)])
  }
}
