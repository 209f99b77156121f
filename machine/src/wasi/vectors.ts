import { type Host, PRICE } from './host.ts'
import type { GuestMemory } from './memory.ts'
import { ERRNO, Failure } from './preview1.ts'

const IOVEC_BYTES = 8
/** As on Linux: more parts than this in one call are an error. */
const MAX_PARTS = 1024
const MAX_TOTAL = 0xffff_ffff

/**
 * The parts of memory that a scattered read or write names, all within bounds.
 *
 * @throws {Failure} EINVAL for too many parts or too many bytes, EFAULT
 */
export function gatherParts(host: Host, memory: GuestMemory, iovs: number, count: number): Uint8Array[] {
  if (count >>> 0 > MAX_PARTS) throw new Failure(ERRNO.inval)
  memory.bytes(iovs, count * IOVEC_BYTES)
  host.charge(count * PRICE.item)
  const parts: Uint8Array[] = []
  let total = 0
  for (let i = 0; i < count; i++) {
    const at = (iovs >>> 0) + i * IOVEC_BYTES
    const part = memory.bytes(memory.getU32(at), memory.getU32(at + 4))
    parts.push(part)
    total += part.length
  }
  if (total > MAX_TOTAL) throw new Failure(ERRNO.inval)
  return parts
}

/** Copies from `content` at `position` into the parts; returns how many bytes there were. */
export function scatter(
  host: Host,
  content: Uint8Array,
  position: bigint,
  parts: readonly Uint8Array[],
): number {
  const room = parts.reduce((sum, part) => sum + part.length, 0)
  let from = position < BigInt(content.length) ? Number(position) : content.length
  const copied = Math.min(room, content.length - from)
  host.charge(copied * PRICE.byte)
  const end = from + copied
  for (const part of parts) {
    const piece = content.subarray(from, Math.min(end, from + part.length))
    part.set(piece)
    from += piece.length
  }
  return copied
}
