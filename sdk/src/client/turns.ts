/** Which transaction of an account takes which nonce. */
import type { Address, PublicClient } from 'viem'
import type { MillraceClient } from './client.ts'

/** One after the other: two transactions sent at once would take the same nonce. */
export function inTurn<T>(client: MillraceClient, work: () => Promise<T>): Promise<T> {
  const turn = (client.cache.sending ?? Promise.resolve()).then(work, work)
  client.cache.sending = turn.catch(() => {})
  return turn
}

export function inFlightOf({ cache }: MillraceClient): Set<number> {
  cache.inFlight ??= new Set()
  return cache.inFlight
}

/** The next nonce: after what nodes know, and after what will be sent again though they forgot it. In turn only. */
export async function takeNonce(
  client: MillraceClient,
  publicClient: PublicClient,
  address: Address,
): Promise<number> {
  const pending = await publicClient.getTransactionCount({ address, blockTag: 'pending' })
  return Math.max(pending, ...[...inFlightOf(client)].map((nonce) => nonce + 1))
}
