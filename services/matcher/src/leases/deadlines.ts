/** By when a lease must have moved. */
import type { Terms } from '@millrace/sdk'
import type { LeaseFold } from '../chain/fold.ts'

/** Unix seconds, as the contract computes them. */
export interface Deadlines {
  end: bigint
  /** The last moment to claim has passed. */
  claimBy: bigint
  /** From then on nothing can be challenged. */
  over: bigint
  /** From then on anyone can have ended it, whatever the parties and their arbiter do. */
  final: bigint
}

export function deadlinesOf(terms: Terms, lease: LeaseFold): Deadlines {
  const stopped = BigInt(lease.stoppedAt)
  const claimBy = (stopped || terms.end) + terms.grace
  const over = (lease.closedAt ? BigInt(lease.closedAt) : claimBy) + terms.window
  return { end: terms.end, claimBy, over, final: over + terms.disputeLimit }
}
