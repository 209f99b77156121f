/** Keeps what was read on the chain: each call is one commit, and taking blocks back is the same backwards. */
import { and, desc, eq, gt, inArray, isNotNull, isNull, lt, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { type Hex, zeroHash } from 'viem'
import { subjectOf } from '../chain/contracts.ts'
import { foldLease, isOver, type LeaseLog } from '../chain/fold.ts'
import type { BlockSink } from '../chain/indexer.ts'
import type { BlockRef, ReadBlock } from '../chain/reader.ts'
import type { Context } from '../context.ts'
import { finishIntent } from '../journal/intents.ts'
import { isConfirmed } from '../leases/confirmed.ts'
import { foldOf, type LeaseRow, leaseLogs, termsIn } from '../leases/view.ts'
import type { EventDraft } from '../store/committer.ts'
import type { Tx } from '../store/database.ts'
import {
  blocks,
  chainLogs,
  evidence,
  intents,
  jobs,
  leases,
  orders,
  transactions,
} from '../store/schema/index.ts'
import { Aftermath } from './after.ts'
import { type MatchedOrders, matchesIn, papersIn } from './calldata.ts'
import { cancelOrders } from './cancelled.ts'
import { keepForeignOrders, openLease, queueCarriedJob } from './opened.ts'
import { isSkip, refuseSkipped } from './skipped.ts'
import { tell } from './tell.ts'

type Log = ReadBlock['logs'][number]
type Emit = (event: EventDraft) => void

/** Blocks that are remembered to find a common ancestor in. */
const REMEMBERED = 1_024

export class Ledger implements BlockSink {
  readonly #context: Context
  readonly #after: (aftermath: Aftermath) => void

  constructor(context: Context, after: (aftermath: Aftermath) => void) {
    this.#context = context
    this.#after = after
  }

  async top(): Promise<BlockRef | undefined> {
    const [row] = await this.#context.db.select().from(blocks).orderBy(desc(blocks.number)).limit(1)
    return row as BlockRef | undefined
  }

  async below(number: number): Promise<BlockRef | undefined> {
    const [row] = await this.#context.db
      .select()
      .from(blocks)
      .where(lt(blocks.number, number))
      .orderBy(desc(blocks.number))
      .limit(1)
    return row as BlockRef | undefined
  }

  async apply(read: readonly ReadBlock[], top: BlockRef): Promise<void> {
    const papers = await this.#readCalldata(read)
    const aftermath = await this.#context.committer.commit(async (tx, emit) => {
      const aftermath = new Aftermath()
      await tx
        .insert(blocks)
        .values({ ...top })
        .onConflictDoNothing()
      await tx.delete(blocks).where(lt(blocks.number, top.number - REMEMBERED))
      await keepForeignOrders(this.#context, tx, papers.orders)
      for (const block of read) {
        if (block.logs.length > 0) aftermath.money = true
        await keepLogs(tx, block)
        for (const log of block.logs) await this.#applyLog(tx, emit, aftermath, block, log, papers.challenges)
      }
      await this.#queueConfirmed(tx, emit, top)
      return aftermath
    })
    this.#context.metrics.head.set(top.number)
    this.#after(aftermath)
  }

  async rollback({ number: above }: BlockRef): Promise<void> {
    const aftermath = await this.#context.committer.commit(async (tx) => {
      const aftermath = new Aftermath()
      const gone = await tx.delete(chainLogs).where(gt(chainLogs.block, above)).returning()
      await tx.delete(blocks).where(gt(blocks.number, above))
      await this.#takeBackLeases(tx, aftermath, above, gone)
      // What was mined up there is broadcast again unless it is mined elsewhere; nodes may have dropped the rest.
      await tx
        .update(transactions)
        .set({ state: 'signed', sentAt: null })
        .where(eq(transactions.state, 'sent'))
      await tx
        .update(transactions)
        .set({ state: 'mined', blockHash: null })
        .where(and(gt(transactions.block, above), inArray(transactions.state, ['mined', 'confirmed'])))
      await tx
        .update(intents)
        .set({ state: 'signed', reason: null })
        .where(
          and(
            inArray(intents.state, ['done', 'refused']),
            inArray(
              intents.tx,
              tx.select({ id: transactions.id }).from(transactions).where(isNull(transactions.blockHash)),
            ),
          ),
        )
      aftermath.money = true
      aftermath.isRollback = true
      return aftermath
    })
    this.#context.metrics.reorganisations.inc()
    this.#after(aftermath)
  }

  async #applyLog(
    tx: Tx,
    emit: Emit,
    aftermath: Aftermath,
    block: ReadBlock,
    log: Log,
    challenges: ReadonlyMap<Hex, Hex>,
  ): Promise<void> {
    if (log.contract === 'escrow') return
    const subject = log.name === 'Split' ? await subjectOfSplit(tx, block, log) : subjectOf(log)
    if (!subject) return
    const { name, tx: hash } = log
    if (isSkip(log)) {
      const { ids, reason } = await refuseSkipped(tx, log)
      for (const id of ids) aftermath.refused.set(id, reason)
      return
    }
    if (name === 'NoncesCancelled' || name === 'NoncesCancelledBelow') {
      for (const digest of await cancelOrders(tx, emit, log)) aftermath.orders.add(digest)
      return
    }
    if (name === 'DisputeOpened') {
      const papers = papersIn(challenges.get(hash)!, log.args.result as Hex)
      if (papers) await tx.insert(evidence).values({ case: subject.case!, papers }).onConflictDoNothing()
    }
    const about = subject.lease ?? (subject.case && (await leaseOfCase(tx, subject.case)))
    const lease = await this.#leaseOf(tx, emit, aftermath, block, log, about)
    await tell(this.#context, tx, emit, log, { lease, case: subject.case })
  }

  /** The lease that a log is about, as it is after the log. */
  async #leaseOf(
    tx: Tx,
    emit: Emit,
    aftermath: Aftermath,
    block: ReadBlock,
    log: Log,
    id: string | undefined,
  ): Promise<LeaseRow | undefined> {
    if (!id) return undefined
    if (log.contract === 'leases' && log.name === 'Opened') {
      const { ask, bid, seq } = log.args as Record<string, string>
      const intent = `open.${bid}.${seq}`
      await finishIntent(tx, intent, 'done')
      aftermath.done.add(intent)
      for (const digest of [ask!, bid!]) aftermath.orders.add(digest)
      aftermath.leases.add(id)
      const opened = await openLease(this.#context, tx, emit, block, log)
      if (!opened)
        this.#context.log.warn({ lease: id, tx: log.tx }, 'a lease opened from orders that are unknown')
      // More of a bid that is filled by parts may be matched now.
      else if (termsIn(opened).job === zeroHash) aftermath.rematch.add(bid!)
      return opened
    }
    const [before] = await tx.select().from(leases).where(eq(leases.id, id))
    if (!before) return undefined
    const after = await refold(
      tx,
      before,
      foldLease([{ name: log.name, args: log.args, time: block.time }], foldOf(before)),
    )
    aftermath.leases.add(id)
    if (after.state !== before.state) {
      for (const digest of [after.ask, after.bid]) aftermath.orders.add(digest)
      if (['declined', 'unclaimed'].includes(after.state)) aftermath.rematch.add(after.bid)
      for (const kind of endedIntents(after.state)) {
        await finishIntent(tx, `${kind}.${id}`, 'done')
      }
    }
    return after
  }

  /** Jobs of leases whose opening lies deep enough now. */
  async #queueConfirmed(tx: Tx, emit: Emit, top: BlockRef): Promise<void> {
    const waiting = await tx
      .select({ lease: leases })
      .from(leases)
      .leftJoin(jobs, eq(jobs.lease, leases.id))
      .where(and(eq(leases.over, false), isNull(jobs.id), sql`${leases.terms} ->> 'job' <> ${zeroHash}`))
    const context = { config: this.#context.config, head: top }
    for (const { lease } of waiting) {
      if (isConfirmed(context, lease.openedBlock, termsIn(lease))) {
        await queueCarriedJob(this.#context, tx, emit, lease)
      }
    }
  }

  async #takeBackLeases(
    tx: Tx,
    aftermath: Aftermath,
    above: number,
    gone: readonly (typeof chainLogs.$inferSelect)[],
  ): Promise<void> {
    const removed = await tx.delete(leases).where(gt(leases.openedBlock, above)).returning()
    for (const lease of removed) {
      await tx.delete(jobs).where(eq(jobs.lease, lease.id))
      for (const digest of [lease.ask, lease.bid]) aftermath.orders.add(digest)
      await refill(tx, [lease.ask, lease.bid])
    }
    const touched = new Set(gone.flatMap(({ lease }) => lease ?? []))
    for (const id of touched) {
      const [row] = await tx.select().from(leases).where(eq(leases.id, id))
      if (!row) continue
      await refold(tx, row, foldLease((await leaseLogs(tx, id)) as LeaseLog[]))
      aftermath.leases.add(id)
      for (const digest of [row.ask, row.bid]) aftermath.orders.add(digest)
    }
    const cancelled = gone.filter(({ name }) => name.startsWith('NoncesCancelled'))
    const accounts = cancelled.map(({ args }) => (args as { account: string }).account)
    if (accounts.length === 0) return
    const revived = await tx
      .update(orders)
      .set({ status: 'open' })
      .where(and(inArray(orders.account, accounts), eq(orders.status, 'cancelled')))
      .returning({ digest: orders.digest })
    for (const { digest } of revived) aftermath.orders.add(digest)
  }

  /** Before the commit, which must not wait for the network: calldata that some events need. */
  async #readCalldata(read: readonly ReadBlock[]) {
    const logs = read.flatMap((block) => block.logs)
    const challenges = new Map<Hex, Hex>()
    const orders: MatchedOrders[] = []
    for (const hash of new Set(logs.filter(({ name }) => name === 'DisputeOpened').map(({ tx }) => tx))) {
      challenges.set(hash, (await this.#context.client.getTransaction({ hash })).input)
    }
    for (const hash of await this.#foreignOpenings(logs)) {
      orders.push(...matchesIn((await this.#context.client.getTransaction({ hash })).input))
    }
    return { challenges, orders }
  }

  async #foreignOpenings(logs: readonly Log[]): Promise<Set<Hex>> {
    const opened = logs.filter(({ contract, name }) => contract === 'leases' && name === 'Opened')
    if (opened.length === 0) return new Set()
    const digests = opened.flatMap(({ args }) => [args.ask as string, args.bid as string])
    const known = await this.#context.db
      .select({ digest: orders.digest })
      .from(orders)
      .where(inArray(orders.digest, digests))
    const found = new Set(known.map(({ digest }) => digest))
    const foreign = opened.filter(
      ({ args }) => !found.has(args.ask as string) || !found.has(args.bid as string),
    )
    return new Set(foreign.map(({ tx }) => tx))
  }
}

/** Of a split, which names its game alone. Undefined where the game is none of ours. */
async function subjectOfSplit(tx: Tx, { number }: ReadBlock, { index }: Log) {
  const [row] = await tx
    .select({ lease: chainLogs.lease, case: chainLogs.case })
    .from(chainLogs)
    .where(and(eq(chainLogs.block, number), eq(chainLogs.index, index)))
  return row?.case ? { lease: row.lease ?? undefined, case: row.case } : undefined
}

async function leaseOfCase(tx: Tx, id: string): Promise<string | undefined> {
  const [row] = await tx
    .select({ lease: chainLogs.lease })
    .from(chainLogs)
    .where(and(eq(chainLogs.case, id), isNotNull(chainLogs.lease)))
  return row?.lease ?? undefined
}

/** All of a block at once: what an event means may follow from the next one. */
async function keepLogs(tx: Tx, { number, time, logs }: ReadBlock): Promise<void> {
  const seenAt = new Date()
  const rows = logs
    .filter(({ contract }) => contract !== 'escrow')
    .map((log) => ({ ...log, block: number, time, seenAt, ...subjectOf(log) }))
  if (rows.length === 0) return
  await tx.insert(chainLogs).values(rows).onConflictDoNothing()
  const opened = alias(chainLogs, 'opened')
  // A split names its game alone. Anybody may play games of their own there: those are not kept.
  await tx
    .update(chainLogs)
    .set({ case: opened.case })
    .from(opened)
    .where(
      and(
        eq(chainLogs.block, number),
        eq(chainLogs.name, 'Split'),
        eq(opened.name, 'GameOpened'),
        sql`${opened.args} -> 'game' ->> 'id' = ${chainLogs.args} ->> 'id'`,
      ),
    )
  await tx
    .delete(chainLogs)
    .where(and(eq(chainLogs.block, number), eq(chainLogs.name, 'Split'), isNull(chainLogs.case)))
  // A ruling names its case alone; the lease is the one that the case was opened about.
  await tx
    .update(chainLogs)
    .set({ lease: opened.lease })
    .from(opened)
    .where(
      and(
        eq(chainLogs.block, number),
        isNull(chainLogs.lease),
        eq(opened.case, chainLogs.case),
        eq(opened.name, 'DisputeOpened'),
      ),
    )
}

async function refold(tx: Tx, row: LeaseRow, fold: ReturnType<typeof foldLease>): Promise<LeaseRow> {
  const [after] = await tx
    .update(leases)
    .set({ ...fold, over: isOver(fold) })
    .where(eq(leases.id, row.id))
    .returning()
  return after!
}

/** Counts again what of orders is leased. */
async function refill(tx: Tx, digests: readonly string[]): Promise<void> {
  const own = sql`(select coalesce(sum(case
    when ${leases.bid} = ${orders.digest} and ${leases.terms} ->> 'job' <> ${zeroHash} then 1
    else ${leases.fuel} end), 0)
    from ${leases} where ${leases.ask} = ${orders.digest} or ${leases.bid} = ${orders.digest})`
  await tx
    .update(orders)
    .set({ filled: own })
    .where(inArray(orders.digest, [...digests]))
}

/** Intents that a state of the lease fulfils, whoever brought it there. */
function endedIntents(state: LeaseRow['state']): string[] {
  if (state === 'unclaimed' || state === 'claimed' || state === 'declined') return ['expire']
  return ['closed', 'final', 'slashed'].includes(state) ? ['expire', 'finalise', 'close'] : []
}
