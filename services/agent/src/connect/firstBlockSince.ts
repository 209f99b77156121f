import type { PublicClient } from 'viem'

/**
 * The first block at or after a time, by halving: where to begin to read a chain's log, which nodes refuse to
 * search as a whole.
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
