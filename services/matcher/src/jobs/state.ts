/** A job's state as anyone sees it: how far it came off chain, and what the chain says about its lease. */
import type { JobState } from '@millrace/sdk/api'
import type { LeaseFold } from '../chain/fold.ts'

export interface Progress {
  state: 'queued' | 'dispatched' | 'accepted' | 'declined' | 'result'
  /** The provider's code where it declined. */
  reason: string | null
}

/** How a dispute over this very job stands. */
export type DisputeStanding = 'none' | 'open' | 'guilty' | 'clean' | 'timed-out' | 'moot'

export function jobState(
  { state, reason }: Progress,
  lease: LeaseFold,
  dispute: DisputeStanding,
): { state: JobState; reason?: string } {
  if (dispute === 'open') return { state: 'disputed' }
  if (dispute === 'guilty') return { state: 'slashed', reason: 'wrong-result' }
  if (dispute === 'timed-out') return { state: 'expired', reason: 'dispute-timed-out' }
  const past = state === 'declined' ? { state, reason: reason ?? undefined } : undefined
  switch (lease.state) {
    case 'slashed':
      return { state: 'slashed', reason: 'lease-slashed' }
    case 'closed':
    case 'final':
      if (state !== 'result') return past ?? { state: 'expired', reason: `lease-${lease.state}` }
      return lease.paid > 0n ? { state: 'paid' } : { state: 'result', reason: 'not-paid' }
    case 'declined':
      if (state === 'result') return { state }
      return past ?? { state: 'declined', reason: reason ?? 'lease-declined' }
    case 'unclaimed':
      return state === 'result' ? { state } : (past ?? { state: 'expired', reason: 'no-result-in-time' })
    default:
      return past ?? { state }
  }
}
