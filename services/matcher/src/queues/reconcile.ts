/**
 * Puts everything into the queues that should be there, out of the journal and the chain: at the start, when
 * Redis comes back or was emptied, and every now and then. What is there already stays as it is.
 */
import { and, eq, inArray } from 'drizzle-orm'
import type { Hex } from 'viem'
import type { Context } from '../context.ts'
import { addIntent, unresolvedIntents } from '../journal/intents.ts'
import { scheduleLease } from '../leases/keeper.ts'
import { isComplete } from '../leases/mergeClose.ts'
import { closeIntent } from '../leases/submitClose.ts'
import { loadEntry } from '../orders/load.ts'
import { fromPayload, type PairingPayload } from '../orders/matching.ts'
import { leases, orders } from '../store/schema/index.ts'
import type { WireClose } from '../store/wire.ts'

/** Fills the book from the database: orders, and what is on its way to the chain. */
export async function fillBook({ db, book, clock }: Context): Promise<void> {
  const open = await db.select({ digest: orders.digest }).from(orders).where(eq(orders.status, 'open'))
  for (const { digest } of open) {
    const entry = await loadEntry(db, digest as Hex, clock.now())
    if (entry) book.put(entry)
    else book.remove(digest as Hex)
  }
  const pending = await unresolvedIntents(db, 'open')
  const ids = new Set(pending.map(({ id }) => id))
  for (const id of book.intents()) if (!ids.has(id)) book.release(id)
  for (const { id, payload } of pending) {
    const pairing = fromPayload(payload as PairingPayload)
    const rows = await db
      .select({ digest: orders.digest, account: orders.account, token: orders.token })
      .from(orders)
      .where(inArray(orders.digest, [pairing.ask, pairing.bid]))
    const owner = (digest: string) => rows.find((row) => row.digest === digest)!
    const [ask, bid] = [owner(pairing.ask), owner(pairing.bid)]
    const parties = { tasker: bid.account, provider: ask.account, token: ask.token }
    book.reserve(id, { ...pairing, ...(parties as Record<keyof typeof parties, Hex>) })
  }
}

export async function reconcile(context: Context): Promise<void> {
  const { db, book, queues, clock } = context
  for (const { id, state } of await unresolvedIntents(db)) {
    if (state === 'waiting') await queues.add('settlement', id)
  }
  const open = await db
    .select({ digest: orders.digest, kind: orders.kind, expiry: orders.expiry })
    .from(orders)
    .where(eq(orders.status, 'open'))
  for (const { digest, expiry } of open) {
    await queues.reschedule('deadlines', `order.${digest}`, clock.until(BigInt(expiry)))
  }
  // Money may have come, or a pair be barred no longer.
  for (const { digest } of book.bids(clock.now())) await queues.add('dispatch', digest)
  const live = await db
    .select()
    .from(leases)
    .where(and(eq(leases.over, false)))
  for (const { id, close } of live) {
    await scheduleLease(context, id)
    if (isComplete(close as WireClose | null)) await closeAgain(context, id, close as WireClose)
  }
}

/** Both sides signed and it is not closed: unless the signatures ran out, it is tried again. */
async function closeAgain(
  { committer, queues, clock }: Context,
  lease: string,
  close: WireClose,
): Promise<void> {
  if (BigInt(close.until) <= clock.now()) return
  const id = closeIntent(lease)
  await committer.commit((tx) => addIntent(tx, { id, kind: 'close', payload: {} }))
  await queues.add('settlement', id)
}
