/** A lease opened: its row, the fill of both orders, and the job that the bid carried. */
import { digestAsk, digestBid, termsOf, ticketHash } from '@millrace/sdk'
import { askSchema, bidSchema, schemeSchema, termsSchema, ticketSchema } from '@millrace/sdk/api'
import { eq, inArray, sql } from 'drizzle-orm'
import type { Hex } from 'viem'
import { z } from 'zod'
import type { ReadBlock } from '../chain/reader.ts'
import type { Context } from '../context.ts'
import { jobView } from '../jobs/view.ts'
import { type LeaseRow, termsIn } from '../leases/view.ts'
import { askDocument, type BidDocument, bidDocument } from '../orders/document.ts'
import { orderView } from '../orders/view.ts'
import type { EventDraft } from '../store/committer.ts'
import type { Tx } from '../store/database.ts'
import { jobs, leases, orders } from '../store/schema/index.ts'
import type { Moment } from '../store/wire.ts'
import type { MatchedOrders } from './calldata.ts'

type Log = ReadBlock['logs'][number]
type Emit = (event: EventDraft) => void

/** Orders that the matcher never saw and that leases were opened from. Kept to show, never to match. */
export async function keepForeignOrders(
  { domain }: Context,
  tx: Tx,
  found: readonly MatchedOrders[],
): Promise<void> {
  for (const { ask, askSignature, bid, bidSignature, scheme } of found) {
    const wireScheme = z.encode(schemeSchema, scheme)
    const common = { status: 'elsewhere' as const, filled: 0n, createdAt: new Date() }
    const rows = [
      {
        digest: digestAsk(domain, ask),
        kind: 'ask' as const,
        account: ask.account,
        token: ask.token,
        document: { ask: z.encode(askSchema, ask), schemes: [wireScheme] },
        signature: askSignature,
        expiry: Number(ask.expiry),
        ...common,
      },
      {
        digest: digestBid(domain, bid),
        kind: 'bid' as const,
        account: bid.account,
        token: bid.token,
        document: { bid: z.encode(bidSchema, bid), scheme: wireScheme },
        signature: bidSignature,
        expiry: Number(bid.expiry),
        ...common,
      },
    ]
    await tx.insert(orders).values(rows).onConflictDoNothing()
  }
}

/** Undefined where the orders are unknown: the call went through a contract that hides them. */
export async function openLease(
  context: Context,
  tx: Tx,
  emit: Emit,
  block: ReadBlock,
  log: Log,
): Promise<LeaseRow | undefined> {
  const args = log.args as Record<'id' | 'ask' | 'bid', Hex> & Record<string, unknown>
  const rows = await tx
    .select()
    .from(orders)
    .where(inArray(orders.digest, [args.ask, args.bid]))
  const [askRow, bidRow] = [args.ask, args.bid].map((digest) => rows.find((row) => row.digest === digest))
  if (!askRow || !bidRow) return undefined

  const { ask } = askDocument.parse(askRow.document)
  const { bid, job } = bidDocument.parse(bidRow.document)
  const seq = BigInt(args.seq as string)
  const fuel = BigInt(args.fuel as string)
  const openedAt = BigInt(args.openedAt as string)
  const terms = termsOf(
    ask,
    bid,
    { seq, fuel, bidIsMaker: args.bidIsMaker as boolean, openedAt },
    context.domain,
  )
  const [row] = await tx
    .insert(leases)
    .values({
      id: args.id,
      ask: args.ask,
      bid: args.bid,
      seq,
      tasker: terms.tasker,
      provider: terms.provider,
      fuel,
      terms: z.encode(termsSchema, terms),
      state: 'open',
      paid: 0n,
      claimed: 0n,
      closedAt: 0,
      stoppedAt: 0,
      disputes: 0,
      demands: 0,
      openedBlock: block.number,
      over: false,
    })
    .returning()
  await tx
    .update(orders)
    .set({ filled: sql`${orders.filled} + ${fuel.toString()}` })
    .where(eq(orders.digest, args.ask))
  const [bidAfter] = await tx
    .update(orders)
    .set({ filled: sql`${orders.filled} + ${job ? '1' : fuel.toString()}` })
    .where(eq(orders.digest, args.bid))
    .returning()
  const view = await orderView(tx, bidAfter!)
  emit({
    type: 'order.matched',
    accounts: [terms.tasker, terms.provider],
    order: args.bid,
    lease: args.id,
    tx: log.tx,
    data: view,
  })
  return row!
}

/** Queues the job that the lease's bid carried. Once: the second time it is there. */
export async function queueCarriedJob(context: Context, tx: Tx, emit: Emit, lease: LeaseRow): Promise<void> {
  const terms = termsIn(lease)
  const [bid] = await tx.select().from(orders).where(eq(orders.digest, lease.bid))
  const { job } = bidDocument.parse(bid!.document)
  if (!job) return
  const ticket = { lease: lease.id as Hex, index: 0, job }
  const told = context.hub.hears(terms.provider)
  const moments: Moment[] = [{ at: Date.now(), state: told ? 'dispatched' : 'queued' }]
  const [row] = await tx
    .insert(jobs)
    .values({
      id: ticketHash(ticket),
      lease: lease.id,
      index: 0,
      order: lease.bid,
      tasker: terms.tasker,
      provider: terms.provider,
      ticket: z.encode(ticketSchema, ticket),
      state: told ? 'dispatched' : 'queued',
      moments,
      createdAt: new Date(),
    })
    .onConflictDoNothing()
    .returning()
  if (!row) return
  const data = await jobView(tx, row, lease)
  emit({
    type: 'job.queued',
    accounts: [terms.tasker, terms.provider],
    order: lease.bid,
    lease: lease.id,
    job: row.id,
    data,
    transient: true,
  })
}

export function carriesJob(document: unknown): boolean {
  return (document as BidDocument).job !== undefined
}
