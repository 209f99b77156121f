// Random values out of a seed that is printed: FUZZ_SEED repeats a run.
import { createHash } from 'node:crypto'

export function random(seed = process.env.FUZZ_SEED ?? `0x${Date.now().toString(16)}`) {
  let drawn = 0

  const bytes = (length: number): Buffer => {
    const parts: Buffer[] = []
    for (let size = 0; size < length; size += 32) {
      parts.push(createHash('sha256').update(`${seed} ${drawn++}`).digest())
    }
    return Buffer.concat(parts).subarray(0, length)
  }
  const hex = (length: number): `0x${string}` => `0x${bytes(length).toString('hex')}`
  /** Any integer of at most so many bits. */
  const bits = (width: number): bigint => BigInt(hex(32)) >> BigInt(256 - width)
  /** From 0 to one less than `limit`. */
  const below = (limit: bigint): bigint => BigInt(hex(32)) % limit
  return { seed, hex, bits, below }
}
