/**
 * Nonces for orders. Job bids burn one bit each, and bits that share a word of 256 cost a quarter of the gas, so
 * a client counts upwards; its first one follows the clock, so that a later client never meets an earlier one's.
 */
import type { Cache, MillraceClient } from '../client/client.ts'

const next = new WeakMap<Cache, bigint>()

/** The first of `count` nonces that nobody else has. */
export function takeNonces(client: MillraceClient, count: number): bigint {
  const first = next.get(client.cache) ?? BigInt(client.now()) << 8n
  next.set(client.cache, first + BigInt(count))
  return first
}
