/** From rows to what the book matches. */
import { type Bid, schemeLeaf } from '@millrace/sdk'
import { asc, eq } from 'drizzle-orm'
import type { Address, Hex } from 'viem'
import type { AskEntry, BidEntry } from '../book/entry.ts'
import type { Database, Tx } from '../store/database.ts'
import { leases, orders } from '../store/schema/index.ts'
import { askDocument, bidDocument, type OrderRow } from './document.ts'
import { isFailed, type LeaseStanding } from './status.ts'

/** What the chain refused is the book's to know. */
const NOTHING: ReadonlySet<Hex> = new Set()

/** The order as the book takes it; undefined where nothing of it can be matched. */
export async function loadEntry(
  db: Database | Tx,
  digest: Hex,
  now: bigint,
): Promise<AskEntry | BidEntry | undefined> {
  const [row] = await db.select().from(orders).where(eq(orders.digest, digest))
  if (row?.status !== 'open' || BigInt(row.expiry) <= now) return undefined
  return row.kind === 'ask' ? askEntry(row) : bidEntry(db, row)
}

function askEntry(row: OrderRow): AskEntry | undefined {
  const { ask, schemes } = askDocument.parse(row.document)
  const remaining = ask.capacity - row.filled
  if (remaining <= 0n) return undefined
  const digest = row.digest as Hex
  return { digest, seq: row.seq, remaining, ask, schemes, leaves: schemes.map(schemeLeaf) }
}

async function bidEntry(db: Database | Tx, row: OrderRow): Promise<BidEntry | undefined> {
  const { bid, scheme, job } = bidDocument.parse(row.document)
  const common = { digest: row.digest as Hex, seq: row.seq, bid, scheme, next: row.filled, barred: NOTHING }
  if (job) {
    const attempts = await attemptsOf(db, row.digest)
    if (!mayTryAgain(bid, attempts)) return undefined
    const excluded = attempts.map(({ provider }) => provider as Address)
    return { ...common, remaining: bid.fuel, job, excluded }
  }
  const remaining = bid.fuel - row.filled
  return remaining > 0n ? { ...common, remaining, excluded: [] } : undefined
}

/** Attempts of a bid that carries its job, the first one first. */
function attemptsOf(db: Database | Tx, bid: string) {
  return db
    .select({ provider: leases.provider, state: leases.state, paid: leases.paid })
    .from(leases)
    .where(eq(leases.bid, bid))
    .orderBy(asc(leases.seq))
}

/** As the contract asks: an attempt is left, and the one before is unpaid and past claiming. */
function mayTryAgain(bid: Bid, attempts: readonly LeaseStanding[]): boolean {
  const last = attempts.at(-1)
  return !last || (isFailed(last) && attempts.length < bid.attempts)
}
