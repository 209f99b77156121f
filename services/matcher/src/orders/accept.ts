/** Takes orders in: acknowledged once they are on disk, the same one twice is the first one. */
import {
  type Ask,
  type Bid,
  digestAsk,
  digestBid,
  type Job,
  lockOf,
  type Scheme,
  taskerLock,
} from '@millrace/sdk'
import { askSchema, bidSchema, jobSchema, schemeSchema } from '@millrace/sdk/api'
import { and, count, eq } from 'drizzle-orm'
import type { Address, Hex } from 'viem'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { RefusedError } from '../errors.ts'
import { faultAt } from '../fault.ts'
import { orders } from '../store/schema/index.ts'
import type { WireOrderView } from '../store/wire.ts'
import { authorise } from './authorise.ts'
import { checkAsk, checkBid } from './checks.ts'
import type { OrderRow } from './document.ts'
import { loadEntry } from './load.ts'
import { orderView } from './view.ts'

export interface Accepted {
  view: WireOrderView
  isNew: boolean
}

export async function acceptAsk(
  context: Context,
  { ask, schemes, signature }: { ask: Ask; schemes: Scheme[]; signature: Hex },
): Promise<Accepted> {
  const digest = digestAsk(context.domain, ask)
  const known = await knownOrder(context, digest)
  if (known) return known
  const refusal = checkAsk(ask, schemes, context.config, context.clock.now())
  if (refusal) throw refusal
  // The least lease that it offers: more money may come before a larger one.
  const needed = lockOf(ask.collateral, ask.minFuel < ask.capacity ? ask.minFuel : ask.capacity)
  await authorise(context, { ...ask, digest, signature, needed })
  const document = {
    ask: z.encode(askSchema, ask),
    schemes: schemes.map((scheme) => z.encode(schemeSchema, scheme)),
  }
  return keep(context, { digest, kind: 'ask', ...ask, document, signature })
}

export async function acceptBid(
  context: Context,
  { bid, scheme, job, signature }: { bid: Bid; scheme: Scheme; job?: Job; signature: Hex },
): Promise<Accepted> {
  const digest = digestBid(context.domain, bid)
  const known = await knownOrder(context, digest)
  if (known) return known
  const refusal = checkBid(
    bid,
    scheme,
    job,
    { ...context.config, store: context.store.address.toLowerCase() as Address },
    context.clock.now(),
  )
  if (refusal) throw refusal
  if (job) checkBlobs(context, job)
  await authorise(context, { ...bid, digest, signature, needed: leastLock(bid) })
  const document = {
    bid: z.encode(bidSchema, bid),
    scheme: z.encode(schemeSchema, scheme),
    job: job && z.encode(jobSchema, job),
  }
  return keep(context, { digest, kind: 'bid', ...bid, document, signature })
}

/** What the bid's least lease can lock, at the most that it pays. */
function leastLock({ job, maxPrice, maxRetainer, maxClaimFee, ...bid }: Bid): bigint {
  const carriesJob = BigInt(job) !== 0n
  const fuel = carriesJob || bid.minFuel > bid.fuel ? bid.fuel : bid.minFuel
  const taskerFee = Math.max(bid.makerFee, bid.takerFee)
  return taskerLock({ price: maxPrice, fuel, retainer: maxRetainer, claimFee: maxClaimFee, taskerFee })
}

/** A provider could not run it otherwise, and would have been matched in vain. */
export function checkBlobs({ blobs }: Context, job: Job): void {
  const missing = (
    [
      ['program', job.programRoot],
      ['data', job.input],
    ] as const
  ).filter(([kind, root]) => blobs.get(root)?.kind !== kind)
  if (missing.length === 0) return
  throw new RefusedError(
    409,
    'blob-missing',
    `The matcher has no ${missing.map(([kind, root]) => `${kind} ${root}`).join(', no ')}.`,
    {
      remedy: 'PUT the missing blobs to /v1/blobs first, and send the same again.',
      retryable: true,
      facts: { missing: missing.map(([kind, root]) => ({ kind, root })) },
    },
  )
}

async function knownOrder({ db }: Context, digest: Hex): Promise<Accepted | undefined> {
  const [row] = await db.select().from(orders).where(eq(orders.digest, digest))
  return row && row.status !== 'elsewhere' ? { view: await orderView(db, row), isNew: false } : undefined
}

interface NewOrder extends Pick<OrderRow, 'kind' | 'account' | 'token' | 'document' | 'signature'> {
  digest: Hex
  expiry: bigint
}

async function keep(context: Context, order: NewOrder): Promise<Accepted> {
  const { digest, kind, account, token, document, signature } = order
  const { db, committer, book, queues, clock, metrics, log } = context
  await checkRoom(context, account)
  queues.assertUp()
  const expiry = Number(order.expiry)
  const values = { digest, kind, account, token, document, signature, expiry, createdAt: new Date() }
  const view = await committer.commit(async (tx, emit) => {
    const [row] = await tx
      .insert(orders)
      .values({ ...values, status: 'open', filled: 0n })
      // Known from a lease on chain; now it was sent here too.
      .onConflictDoUpdate({
        target: orders.digest,
        set: { ...values, status: 'open' },
        setWhere: eq(orders.status, 'elsewhere'),
      })
      .returning()
    if (!row) return undefined
    const view = await orderView(tx, row)
    emit({ type: 'order.accepted', accounts: [account], order: digest, data: view })
    return view
  })
  if (!view) return (await knownOrder(context, digest))!
  faultAt('accept')
  const entry = await loadEntry(db, digest, clock.now())
  if (entry) book.put(entry)
  metrics.orders.inc({ kind })
  log.info({ order: digest, kind, account }, 'order accepted')
  await queues.add('dispatch', digest)
  await queues.add('deadlines', `order.${digest}`, clock.until(order.expiry))
  return { view, isNew: true }
}

async function checkRoom({ db, config }: Context, account: string): Promise<void> {
  const [row] = await db
    .select({ open: count() })
    .from(orders)
    .where(and(eq(orders.account, account), eq(orders.status, 'open')))
  if (row!.open < config.ordersPerAccount) return
  throw new RefusedError(429, 'too-many-orders', `${account} has ${row!.open} open orders.`, {
    remedy: 'Take some out of the book with DELETE /v1/orders, or let them expire.',
    facts: { account, open: row!.open, limit: config.ordersPerAccount },
  })
}
