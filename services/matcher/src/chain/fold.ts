/** What the chain keeps of a lease, folded from its events: a reorganisation is a fold over other events. */
import type { LeaseState } from '@millrace/sdk/api'

/** One event of the lease book, its disputes or demands; amounts are decimal strings. */
export interface LeaseLog {
  name: string
  /** Unix seconds. */
  time: number
  args: Record<string, unknown>
}

export interface LeaseFold {
  state: LeaseState
  paid: bigint
  /** Sum of the claim. */
  claimed: bigint
  /** Unix seconds when it was claimed or declined, or could no longer be; 0 before. */
  closedAt: number
  /** Unix seconds when a party stopped it; 0 if none did. */
  stoppedAt: number
  disputes: number
  demands: number
}

export const OPENED: LeaseFold = {
  state: 'open',
  paid: 0n,
  claimed: 0n,
  closedAt: 0,
  stoppedAt: 0,
  disputes: 0,
  demands: 0,
}

const STEPS: Record<string, (lease: LeaseFold, log: LeaseLog) => Partial<LeaseFold>> = {
  Stopped: (_, { time }) => ({ state: 'stopped', stoppedAt: time }),
  Claimed: (_, { time, args }) => ({ state: 'claimed', closedAt: time, claimed: amount(args.sum) }),
  Declined: (_, { time }) => ({ state: 'declined', closedAt: time }),
  Unclaimed: () => ({ state: 'unclaimed' }),
  Redeemed: (_, { args }) => ({ paid: amount(args.owed) }),
  Closed: (_, { args }) => ({ state: 'closed', paid: amount(args.owed) }),
  Final: (_, { args }) => ({ state: 'final', paid: amount(args.paid) }),
  Slashed: () => ({ state: 'slashed' }),
  DisputeOpened: ({ disputes }) => ({ disputes: disputes + 1 }),
  DisputeSettled: ({ disputes }) => ({ disputes: disputes - 1 }),
  LeafDemanded: ({ demands }) => ({ demands: demands + 1 }),
  DeliveryDemanded: ({ demands }) => ({ demands: demands + 1 }),
  LeafShown: ({ demands }) => ({ demands: demands - 1 }),
  DeliveryShown: ({ demands }) => ({ demands: demands - 1 }),
  LeafLapsed: ({ demands }) => ({ demands: demands - 1 }),
  DeliveryLapsed: ({ demands }) => ({ demands: demands - 1 }),
}

/** The lease after `logs`, in their order. Events that do not change it are passed over. */
export function foldLease(logs: readonly LeaseLog[], from: LeaseFold = OPENED): LeaseFold {
  const lease = { ...from }
  for (const log of logs) Object.assign(lease, STEPS[log.name]?.(lease, log))
  return lease
}

/** Nothing of it can move any more, and nobody is owed a step: not a dispute that waits for its settling. */
export function isOver({ state, disputes, demands }: LeaseFold): boolean {
  return ['closed', 'slashed', 'final'].includes(state) && disputes <= 0 && demands <= 0
}

function amount(value: unknown): bigint {
  return BigInt(value as string)
}
