/** Reading a chain's logs from nodes that refuse to search it as a whole. */
import type { PublicClient } from 'viem'

/** Blocks of one request where a node says nothing else: what public nodes commonly allow. */
const MOST_BLOCKS = 10_000n

/** A node that refuses so few has another reason. */
const LEAST_BLOCKS = 64n

type Fetch<T> = (fromBlock: bigint, toBlock: bigint) => Promise<readonly T[]>

/** All logs of a range, oldest first, in as many requests as it takes. */
export async function logsBetween<T>(from: bigint, to: bigint, fetch: Fetch<T>): Promise<T[]> {
  const logs: T[] = []
  for (let at = from; at <= to; at += MOST_BLOCKS) {
    const end = at + MOST_BLOCKS - 1n
    logs.push(...(await inParts(at, end < to ? end : to, fetch)))
  }
  return logs
}

/** The newest logs of a range: those of the last part of it that has any. */
export async function newestLogs<T>(from: bigint, to: bigint, fetch: Fetch<T>): Promise<readonly T[]> {
  for (let end = to; end >= from; end -= MOST_BLOCKS) {
    const start = end - MOST_BLOCKS + 1n
    const logs = await inParts(start > from ? start : from, end, fetch)
    if (logs.length > 0) return logs
  }
  return []
}

async function inParts<T>(from: bigint, to: bigint, fetch: Fetch<T>): Promise<readonly T[]> {
  try {
    return await fetch(from, to)
  } catch (error) {
    if (to - from < LEAST_BLOCKS) throw error
    const middle = (from + to) / 2n
    return [...(await inParts(from, middle, fetch)), ...(await inParts(middle + 1n, to, fetch))]
  }
}

/**
 * The first block at or after a time, by halving: where to begin to read.
 *
 * @param time unix seconds
 */
export async function firstBlockSince(publicClient: PublicClient, time: bigint): Promise<bigint> {
  let low = 0n
  let high = await publicClient.getBlockNumber({ cacheTime: 0 })
  while (low < high) {
    const middle = (low + high) / 2n
    const { timestamp } = await publicClient.getBlock({ blockNumber: middle })
    if (timestamp < time) low = middle + 1n
    else high = middle
  }
  return low
}
