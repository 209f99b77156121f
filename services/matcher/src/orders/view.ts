import { and, asc, eq, inArray } from 'drizzle-orm'
import type { Database, Tx } from '../store/database.ts'
import { intents, jobs, leases } from '../store/schema/index.ts'
import type { WireOrderView } from '../store/wire.ts'
import type { AskDocument, BidDocument, OrderRow } from './document.ts'
import { statusOf } from './status.ts'

export async function orderView(db: Database | Tx, row: OrderRow): Promise<WireOrderView> {
  const side = row.kind === 'ask' ? leases.ask : leases.bid
  const own = await db
    .select({ id: leases.id, state: leases.state, paid: leases.paid })
    .from(leases)
    .where(eq(side, row.digest))
    .orderBy(asc(leases.openedBlock), asc(leases.seq))
  const ids = own.map(({ id }) => id)
  const carried =
    row.kind === 'bid' && ids.length > 0
      ? await db.select({ id: jobs.id }).from(jobs).where(inArray(jobs.lease, ids)).orderBy(asc(jobs.seq))
      : []
  const { status, remaining } = statusOf(row, own, await isOnItsWay(db, row))
  const common = {
    digest: row.digest as `0x${string}`,
    signature: row.signature as `0x${string}`,
    status,
    remaining: remaining.toString(),
    leases: ids as `0x${string}`[],
    jobs: carried.map(({ id }) => id as `0x${string}`),
  }
  if (row.kind === 'ask') {
    const { ask, schemes } = row.document as AskDocument
    return { kind: 'ask', order: ask, schemes, ...common }
  }
  const { bid, scheme, job } = row.document as BidDocument
  return { kind: 'bid', order: bid, scheme, job, ...common }
}

/** Whether a lease of this bid is being opened. An ask that is being leased stays in the book. */
async function isOnItsWay(db: Database | Tx, row: OrderRow): Promise<boolean> {
  if (row.kind === 'ask') return false
  const id = `open.${row.digest}.${row.filled}`
  const [intent] = await db
    .select({ id: intents.id })
    .from(intents)
    .where(and(eq(intents.id, id), inArray(intents.state, ['waiting', 'signed'])))
  return intent !== undefined
}
