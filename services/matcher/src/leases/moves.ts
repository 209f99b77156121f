/** What anyone may do to a lease and when, so that every lock in it ends: the keepers do it if nobody else does. */
import type { Terms } from '@millrace/sdk'
import type { LeaseFold } from '../chain/fold.ts'
import { deadlinesOf } from './deadlines.ts'

export type Action =
  /** Frees the tasker's money where nobody claimed. */
  | 'expire'
  /** Pays the claim and frees the rest. */
  | 'finalise'
  /** Applies a verdict, or returns a bond that became moot. */
  | 'settle'
  /** Ends a case that nobody ruled. */
  | 'timeout'
  /** Ends a demand for a leaf that nobody showed. */
  | 'lapse'
  /** Ends a demand for an output that nobody delivered. */
  | 'lapse-delivery'

export interface Move {
  action: Action
  /** A lease, a case, or a lease and what of it was demanded. Unique among moves of this action. */
  subject: string
  /** Unix seconds from which it can be done. */
  at: bigint
}

/** An event of the lease, its cases or its demands; integers as the decoder left them. */
export interface MoveLog {
  name: string
  case: string | null
  args: unknown
}

/** Everything that somebody must still do; what can be done first stands first. */
export function movesOf(id: string, terms: Terms, lease: LeaseFold, logs: readonly MoveLog[]): Move[] {
  const moves = [...leaseMove(id, terms, lease), ...caseMoves(lease, logs), ...demandMoves(id, lease, logs)]
  return moves.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

export const intentOf = ({ action, subject }: Move) => `${action}.${subject}`

function leaseMove(id: string, terms: Terms, lease: LeaseFold): Move[] {
  const { claimBy, over } = deadlinesOf(terms, lease)
  if (lease.state === 'open' || lease.state === 'stopped') {
    return [{ action: 'expire', subject: id, at: claimBy }]
  }
  const isContested = lease.disputes > 0 || lease.demands > 0
  const waits = ['claimed', 'declined', 'unclaimed'].includes(lease.state) && !isContested
  return waits ? [{ action: 'finalise', subject: id, at: over }] : []
}

function caseMoves(lease: LeaseFold, logs: readonly MoveLog[]): Move[] {
  const settled = subjectsOf(logs, 'DisputeSettled')
  const ruled = subjectsOf(logs, 'Ruled')
  const isMoot = hasEnded(lease)
  return logs
    .filter((log) => log.name === 'DisputeOpened' && !settled.has(log.case!))
    .map((log) => {
      const subject = log.case!
      if (isMoot || ruled.has(subject)) return { action: 'settle', subject, at: 0n }
      const { ruleBy } = log.args as { ruleBy: number | string }
      return { action: 'timeout', subject, at: BigInt(ruleBy) }
    })
}

const hasEnded = ({ state }: LeaseFold): boolean => state === 'slashed' || state === 'closed'

function demandMoves(id: string, lease: LeaseFold, logs: readonly MoveLog[]): Move[] {
  const over = new Set(
    logs.filter(({ name }) => /^(Leaf|Delivery)(Shown|Lapsed)$/.test(name)).map(demandSubject),
  )
  return (
    logs
      .filter((log) => log.name === 'LeafDemanded' || log.name === 'DeliveryDemanded')
      .filter((log) => !over.has(demandSubject(log)))
      // No late fee is paid before a verdict that may take the collateral.
      .filter((log) => log.name === 'LeafDemanded' || lease.disputes === 0 || hasEnded(lease))
      .map((log) => ({
        action: log.name === 'LeafDemanded' ? 'lapse' : 'lapse-delivery',
        subject: `${id}.${demandSubject(log)}`,
        at: BigInt((log.args as { until: number | string }).until),
      }))
  )
}

function subjectsOf(logs: readonly MoveLog[], name: string): Set<string> {
  return new Set(logs.filter((log) => log.name === name).map((log) => log.case!))
}

/** A ticket's hash for deliveries, an index for leaves. */
function demandSubject({ name, args }: MoveLog): string {
  const { ticket, index } = args as { ticket?: string; index?: number }
  return name.startsWith('Delivery') ? ticket! : String(index)
}
