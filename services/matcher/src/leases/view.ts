import { termsSchema } from '@millrace/sdk/api'
import { asc, eq } from 'drizzle-orm'
import type { LeaseFold } from '../chain/fold.ts'
import { eventTypeOf } from '../ledger/types.ts'
import type { BidDocument } from '../orders/document.ts'
import type { Database, Tx } from '../store/database.ts'
import { chainLogs, type leases, orders } from '../store/schema/index.ts'
import type { WireLeaseView, WireTerms } from '../store/wire.ts'
import { deadlinesOf } from './deadlines.ts'

export type LeaseRow = typeof leases.$inferSelect
export type LogRow = typeof chainLogs.$inferSelect

export function foldOf(row: LeaseRow): LeaseFold {
  const { state, paid, claimed, closedAt, stoppedAt, disputes, demands } = row
  return { state, paid, claimed, closedAt, stoppedAt, disputes, demands }
}

export function termsIn(row: Pick<LeaseRow, 'terms'>) {
  return termsSchema.parse(row.terms)
}

export function leaseLogs(db: Database | Tx, lease: string): Promise<LogRow[]> {
  return db
    .select()
    .from(chainLogs)
    .where(eq(chainLogs.lease, lease))
    .orderBy(asc(chainLogs.block), asc(chainLogs.index))
}

export async function leaseView(db: Database | Tx, row: LeaseRow): Promise<WireLeaseView> {
  const [bid] = await db.select({ document: orders.document }).from(orders).where(eq(orders.digest, row.bid))
  const { end, claimBy, over, final } = deadlinesOf(termsIn(row), foldOf(row))
  return {
    id: row.id as `0x${string}`,
    terms: row.terms as WireTerms,
    scheme: (bid!.document as BidDocument).scheme,
    state: row.state,
    paid: row.paid.toString(),
    claimed: row.claimed.toString(),
    closedAt: row.closedAt.toString(),
    deadlines: {
      end: end.toString(),
      claimBy: claimBy.toString(),
      over: over.toString(),
      final: final.toString(),
    },
    voucher: (row.voucher as WireLeaseView['voucher']) ?? undefined,
    close: (row.close as WireLeaseView['close']) ?? undefined,
    txs: (await leaseLogs(db, row.id)).map(txOf),
  }
}

function txOf(log: LogRow): WireLeaseView['txs'][number] {
  return {
    type: eventTypeOf(log) ?? log.name,
    tx: log.tx as `0x${string}`,
    block: log.block.toString(),
    at: log.time * 1_000,
    gas: log.gasUsed.toString(),
  }
}
