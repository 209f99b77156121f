/** Where an order stands, from its row, its leases and the chain. */
import type { LeaseState, OrderStatus } from '@millrace/sdk/api'
import { zeroHash } from 'viem'
import type { AskDocument, BidDocument, OrderRow } from './document.ts'

export interface LeaseStanding {
  state: LeaseState
  paid: bigint
}

export function statusOf(
  row: Pick<OrderRow, 'kind' | 'document' | 'filled' | 'status'>,
  leases: readonly LeaseStanding[],
  isOnItsWay: boolean,
): { status: OrderStatus; remaining: bigint } {
  const remaining = remainingOf(row, leases)
  if (remaining === 0n) return { status: 'filled', remaining }
  if (row.status === 'expired' || row.status === 'cancelled') return { status: row.status, remaining }
  return { status: row.filled > 0n || isOnItsWay ? 'matched' : 'open', remaining }
}

/** Fuel that is not leased: all of a job's bid as long as its attempts fail and another one is left. */
function remainingOf(
  row: Pick<OrderRow, 'kind' | 'document' | 'filled'>,
  leases: readonly LeaseStanding[],
): bigint {
  if (row.kind === 'ask') return BigInt((row.document as AskDocument).ask.capacity) - row.filled
  const { bid } = row.document as BidDocument
  if (bid.job === zeroHash) return BigInt(bid.fuel) - row.filled
  const last = leases.at(-1)
  const again = !last || (isFailed(last) && leases.length < bid.attempts)
  return again ? BigInt(bid.fuel) : 0n
}

/** An attempt that can no longer be paid: the next one may open. */
export function isFailed({ state, paid }: LeaseStanding): boolean {
  return (state === 'declined' || state === 'unclaimed') && paid === 0n
}
