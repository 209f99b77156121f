/**
 * What a trap may leave in memory on V8 alone. The pass lets stores of raw NaNs wait for a common look (`rawStores.ts`);
 * a trap in between ends the program, whose memory nobody reads then. A test that calls on reads it.
 */

const FORMATS = [
  { width: 4, canonical: 0x7fc00000n, infinite: 0x7f800000n, sign: 1n << 31n },
  { width: 8, canonical: 0x7ff8000000000000n, infinite: 0x7ff0000000000000n, sign: 1n << 63n },
] as const

/**
 * Makes the one memory as the other, if all that differs is raw NaNs there and canonical ones here.
 *
 * @returns whether it is so
 */
export function settleRawNans(onV8: Uint8Array, stepped: Uint8Array): boolean {
  if (onV8.length !== stepped.length) return false
  const raw = onV8.slice()
  for (let at = 0; at < raw.length; at++) {
    if (raw[at] !== stepped[at] && !settle(raw, stepped, at)) return false
  }
  onV8.set(raw)
  return true
}

/** Settles the NaN that a byte belongs to. Of two formats that fit, the shorter one is enough. */
function settle(raw: Uint8Array, stepped: Uint8Array, at: number): boolean {
  for (const { width, canonical, infinite, sign } of FORMATS) {
    for (let start = Math.max(0, at - width + 1); start <= Math.min(at, raw.length - width); start++) {
      const isNan = (bitsAt(raw, start, width) & ~sign) > infinite
      if (!isNan || bitsAt(stepped, start, width) !== canonical) continue
      raw.set(stepped.subarray(start, start + width), start)
      return true
    }
  }
  return false
}

function bitsAt(bytes: Uint8Array, start: number, width: 4 | 8): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, width)
  return width === 4 ? BigInt(view.getUint32(0, true)) : view.getBigUint64(0, true)
}
