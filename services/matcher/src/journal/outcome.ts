/** What to do about a transaction of ours, from what the chain says of it. Pure, so that it may be asked twice. */

export interface Sighting {
  /** The receipt of one of its hashes, where there is one. */
  receipt?: { block: number; blockHash: string; status: 'success' | 'reverted' }
  /** Transactions of the hot key that are mined. */
  minedNonces: number
  head: number
}

export interface Pending {
  nonce: number
  state: 'signed' | 'sent' | 'mined'
  blockHash: string | null
  /** Milliseconds since it was last broadcast; undefined before the first time. */
  sentAgo?: number
}

export type Outcome =
  /** Broadcast the raw transaction (again). */
  | 'broadcast'
  /** Replace it by one with a higher fee. */
  | 'bump'
  | 'mined'
  /** Deep enough. */
  | 'confirmed'
  /** Another transaction took its nonce: what it carried must be sent anew. */
  | 'lost'
  | 'wait'

export function outcomeOf(
  { state, nonce, blockHash, sentAgo }: Pending,
  { receipt, minedNonces, head }: Sighting,
  { depth, stuckMs }: { depth: number; stuckMs: number },
): Outcome {
  if (receipt) {
    if (state !== 'mined' || blockHash !== receipt.blockHash) return 'mined'
    return head >= receipt.block + depth ? 'confirmed' : 'wait'
  }
  if (minedNonces > nonce) return 'lost'
  // A reorganisation dropped it.
  if (state === 'mined') return 'broadcast'
  if (sentAgo === undefined) return 'broadcast'
  return sentAgo >= stuckMs ? 'bump' : 'wait'
}
