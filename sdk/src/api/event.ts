/** `GET /v1/events`: what happened, as server-sent events. `Last-Event-ID` replays from there. */
import * as z from 'zod'
import { disputeViewSchema } from './dispute.ts'
import { jobViewSchema } from './job.ts'
import { leaseViewSchema, voucherSubmissionSchema } from './lease.ts'
import { orderViewSchema, whyNotSchema } from './order.ts'
import { address, bytes32, milliseconds, smallUint } from './scalar.ts'

const common = {
  /** Grows; what `Last-Event-ID` names. */
  id: z.string(),
  at: milliseconds,
  /** Whom it concerns. */
  accounts: z.array(address),
  order: bytes32.optional(),
  lease: bytes32.optional(),
  /** The ticket's hash. */
  job: bytes32.optional(),
  /** The transaction that it comes from. */
  tx: bytes32.optional(),
}

const of = <const T extends string, D extends z.ZodType>(types: readonly T[], data: D) =>
  z.object({ type: z.literal(types), data, ...common })

export const ORDER_EVENTS = ['order.accepted', 'order.matched', 'order.expired', 'order.cancelled'] as const
export const LEASE_EVENTS = [
  'lease.opened',
  // One side signed the end, as the view's `close` says: the other may sign the same.
  'lease.closing',
  'lease.stopped',
  'lease.claimed',
  'lease.declined',
  'lease.unclaimed',
  'lease.closed',
  'lease.slashed',
  'lease.final',
] as const
export const JOB_EVENTS = [
  'job.queued',
  'job.accepted',
  'job.declined',
  'job.result',
  'job.delivered',
  'job.paid',
  'job.expired',
] as const
export const DISPUTE_EVENTS = [
  'dispute.opened',
  // A move of the proof game, as the view's `game` says.
  'dispute.moved',
  'dispute.ruled',
  'dispute.timedout',
  'dispute.settled',
] as const
export const DEMAND_EVENTS = ['demand.opened', 'demand.answered', 'demand.lapsed'] as const

export const eventSchema = z
  .discriminatedUnion('type', [
    of(ORDER_EVENTS, orderViewSchema),
    of(['order.unmatched'], whyNotSchema),
    of(LEASE_EVENTS, leaseViewSchema),
    of(JOB_EVENTS, jobViewSchema),
    of(['voucher.received', 'voucher.redeemed'], voucherSubmissionSchema.partial({ signature: true })),
    of(DISPUTE_EVENTS, disputeViewSchema),
    of(DEMAND_EVENTS, z.object({ index: smallUint(32) })),
  ])
  .meta({ id: 'Event' })

export type MarketEvent = z.output<typeof eventSchema>
export type EventType = MarketEvent['type']
