/**
 * Sends the hot key's transactions. Each is signed and written with its nonce before it is broadcast, so that
 * a process that dies at any point knows what it may have sent: the same bytes go out again, under the same
 * nonce. The hot key holds gas money and nothing else.
 */
import { asc, eq, inArray, max } from 'drizzle-orm'
import {
  type Hex,
  keccak256,
  type LocalAccount,
  type PublicClient,
  TransactionReceiptNotFoundError,
} from 'viem'
import { faultAt } from '../fault.ts'
import type { Logger } from '../observe/log.ts'
import type { Committer } from '../store/committer.ts'
import type { Database } from '../store/database.ts'
import { intents, transactions } from '../store/schema/index.ts'
import { bumpedFees, type Fees, freshFees } from './fees.ts'
import { releaseIntents } from './intents.ts'
import { outcomeOf } from './outcome.ts'

type Transaction = typeof transactions.$inferSelect

interface Receipt {
  block: number
  blockHash: string
  status: 'success' | 'reverted'
  gasUsed: bigint
}

export interface Call {
  to: Hex
  data: Hex
  gas: bigint
}

/** Between two broadcasts that nodes refuse. */
const RETRY_MS = 1_000

export interface SenderOptions {
  db: Database
  committer: Committer
  client: PublicClient
  account: LocalAccount
  chainId: number
  log: Logger
  /** Wei per gas. */
  tip: bigint
  /** A transaction that is not mined after so long is replaced by one that pays more. */
  stuckMs: number
  /** Blocks after which a transaction is not looked at any more. */
  depth: number
  /** Something of ours was mined. */
  onMined(): void
  /** Intents wait again, since what carried them came to nothing. */
  onReleased(): void
}

export class Sender {
  readonly #options: SenderOptions
  #nextNonce = 0
  /** One transaction is signed at a time: nonces follow each other without a hole. */
  #turn: Promise<unknown> = Promise.resolve()
  #looking: Promise<void> | undefined
  #baseFee = 0n
  #head = 0
  /** Whether there may be a transaction that is not confirmed. */
  #pending = true
  /** When each was last broadcast in vain, and why. */
  readonly #refused = new Map<number, { at: number; reason: string }>()

  constructor(options: SenderOptions) {
    this.#options = options
  }

  /** Reads where the nonces stand. Before anything is sent. */
  async start(): Promise<void> {
    const { db } = this.#options
    const [last] = await db.select({ nonce: max(transactions.nonce) }).from(transactions)
    const mined = await this.#minedNonces()
    this.#nextNonce = Math.max(mined, (last?.nonce ?? -1) + 1)
  }

  /** Signs, writes and broadcasts a transaction that carries `ids`. Resolves once it is on disk and sent. */
  send(call: Call, ids: readonly string[]): Promise<void> {
    const done = this.#turn.then(() => this.#send(call, ids))
    this.#turn = done.catch(() => {})
    return done
  }

  /** Follows up on everything that is not confirmed. */
  look(head: { number: number; baseFee: bigint }): Promise<void> {
    this.#head = head.number
    this.#baseFee = head.baseFee
    if (!this.#pending) return Promise.resolve()
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  /** Blocks were taken back: what was confirmed in them is followed again. */
  reopen(): void {
    this.#pending = true
  }

  async #send(call: Call, ids: readonly string[]): Promise<void> {
    const { committer, tip } = this.#options
    const nonce = this.#nextNonce
    const fees = freshFees(this.#baseFee, tip)
    const { raw, hash } = await this.#sign(nonce, call, fees)
    const row = await committer.commit(async (tx) => {
      const values = { nonce, ...call, ...fees, raw, hash, replaced: [], createdAt: new Date() }
      const [row] = await tx
        .insert(transactions)
        .values({ ...values, state: 'signed' })
        .returning()
      await tx
        .update(intents)
        .set({ state: 'signed', tx: row!.id })
        .where(inArray(intents.id, [...ids]))
      return row!
    })
    this.#nextNonce++
    this.#pending = true
    faultAt('signed')
    await this.#broadcast(row)
  }

  async #sign(nonce: number, { to, data, gas }: Call, fees: Fees): Promise<{ raw: Hex; hash: Hex }> {
    const { account, chainId } = this.#options
    const raw = await account.signTransaction({ type: 'eip1559', chainId, nonce, to, data, gas, ...fees })
    return { raw, hash: keccak256(raw) }
  }

  async #broadcast(row: Transaction): Promise<void> {
    const { client, committer, log } = this.#options
    const refused = this.#refused.get(row.id)
    if (refused && Date.now() - refused.at < RETRY_MS) return
    try {
      await client.sendRawTransaction({ serializedTransaction: row.raw as Hex })
      this.#refused.delete(row.id)
    } catch (error) {
      // "Already known" and "nonce too low" are answered by the receipt; the rest is tried again.
      const reason = detailsOf(error)
      this.#refused.set(row.id, { at: Date.now(), reason })
      if (reason !== refused?.reason) {
        log.warn({ reason, hash: row.hash, nonce: row.nonce }, 'a broadcast was not taken')
      }
      return
    }
    faultAt('sent')
    await committer.commit((tx) =>
      tx.update(transactions).set({ state: 'sent', sentAt: new Date() }).where(eq(transactions.id, row.id)),
    )
    // On a chain that mines at once the receipt is there already.
    void this.look({ number: this.#head, baseFee: this.#baseFee }).catch(() => {})
  }

  async #look(): Promise<void> {
    const rows = await this.#unconfirmed()
    this.#pending = rows.length > 0
    if (!this.#pending) return
    const minedNonces = await this.#minedNonces()
    if (rows[0]!.nonce > minedNonces) {
      await this.#fillGap(minedNonces, rows[0]!.nonce)
      return this.#look()
    }
    for (const row of rows) await this.#follow(row, minedNonces)
  }

  #minedNonces(): Promise<number> {
    const { client, account } = this.#options
    return client.getTransactionCount({ address: account.address })
  }

  #unconfirmed(): Promise<Transaction[]> {
    return this.#options.db
      .select()
      .from(transactions)
      .where(inArray(transactions.state, ['signed', 'sent', 'mined']))
      .orderBy(asc(transactions.nonce))
  }

  /**
   * The chain waits for nonces that are thought to be done: a reorganisation deeper than expected took them. The
   * same bytes go out again, whatever they still come to; the contract refuses what was done meanwhile.
   */
  async #fillGap(from: number, below: number): Promise<void> {
    const { committer, log } = this.#options
    log.warn({ from, below }, 'the chain went back behind transactions that were done: sending them again')
    const nonces = Array.from({ length: below - from }, (_, position) => from + position)
    const found = await committer.commit((tx) =>
      tx
        .update(transactions)
        .set({ state: 'signed', sentAt: null, block: null, blockHash: null })
        .where(inArray(transactions.nonce, nonces))
        .returning({ nonce: transactions.nonce }),
    )
    const known = new Set(found.map(({ nonce }) => nonce))
    // Never ours: another program used the hot key on a branch that is gone.
    for (const nonce of nonces) if (!known.has(nonce)) await this.#fill(nonce)
  }

  /** Uses a nonce up by a transaction that does nothing. */
  async #fill(nonce: number): Promise<void> {
    const { account, committer, tip } = this.#options
    const call = { to: account.address, data: '0x' as Hex, gas: 21_000n }
    const fees = freshFees(this.#baseFee, tip)
    const values = { nonce, ...call, ...fees, ...(await this.#sign(nonce, call, fees)) }
    await committer.commit((tx) =>
      tx.insert(transactions).values({ ...values, replaced: [], state: 'signed', createdAt: new Date() }),
    )
  }

  async #follow(row: Transaction, minedNonces: number): Promise<void> {
    const { depth, stuckMs } = this.#options
    const receipt = await this.#receiptOf(row)
    const sentAgo = row.sentAt ? Date.now() - row.sentAt.getTime() : undefined
    const pending = { ...row, state: row.state as 'signed', sentAgo }
    switch (outcomeOf(pending, { receipt, minedNonces, head: this.#head }, { depth, stuckMs })) {
      case 'broadcast':
        return this.#broadcast(row)
      case 'bump':
        return this.#replace(row)
      case 'mined':
        return this.#mined(row, receipt!)
      case 'confirmed':
        faultAt('confirmed')
        return this.#update(row, { state: 'confirmed' })
      case 'lost':
        // The chain may have been reorganised between the two questions.
        if ((await this.#receiptOf(row)) || (await this.#minedNonces()) <= row.nonce) return
        return this.#lose(row, 'another transaction of the hot key took its nonce')
    }
  }

  async #receiptOf(row: Transaction): Promise<Receipt | undefined> {
    for (const hash of [row.hash, ...row.replaced]) {
      const receipt = await this.#options.client
        .getTransactionReceipt({ hash: hash as Hex })
        .catch(ignoreMissing)
      if (!receipt) continue
      const { blockNumber, blockHash, status, gasUsed } = receipt
      return { block: Number(blockNumber), blockHash: blockHash as string, status, gasUsed }
    }
    return undefined
  }

  async #mined(row: Transaction, receipt: Receipt): Promise<void> {
    faultAt('mined')
    const { committer, log, onMined, onReleased } = this.#options
    await committer.commit(async (tx) => {
      const set = { state: 'mined' as const, ...receipt }
      await tx.update(transactions).set(set).where(eq(transactions.id, row.id))
      if (receipt.status === 'reverted') await releaseIntents(tx, row.id, 'the transaction reverted')
    })
    log.info({ hash: row.hash, nonce: row.nonce, ...receipt }, 'a transaction was mined')
    onMined()
    if (receipt.status === 'reverted') onReleased()
  }

  async #replace(row: Transaction): Promise<void> {
    const { tip, log } = this.#options
    const fees = bumpedFees(row, this.#baseFee, tip)
    const call = { to: row.to as Hex, data: row.data as Hex, gas: row.gas }
    const signed = await this.#sign(row.nonce, call, fees)
    const replaced = [row.hash, ...row.replaced]
    await this.#update(row, { ...fees, ...signed, replaced })
    log.warn({ nonce: row.nonce, old: row.hash, hash: signed.hash }, 'a stuck transaction was replaced')
    await this.#broadcast({ ...row, ...fees, ...signed, replaced })
  }

  async #lose(row: Transaction, reason: string): Promise<void> {
    const { committer, log, onReleased } = this.#options
    await committer.commit(async (tx) => {
      await tx.update(transactions).set({ state: 'lost' }).where(eq(transactions.id, row.id))
      await releaseIntents(tx, row.id, reason)
    })
    this.#nextNonce = Math.max(this.#nextNonce, row.nonce + 1)
    log.warn({ hash: row.hash, nonce: row.nonce }, reason)
    onReleased()
  }

  async #update(row: Transaction, set: Partial<Transaction>): Promise<void> {
    await this.#options.committer.commit((tx) =>
      tx.update(transactions).set(set).where(eq(transactions.id, row.id)),
    )
  }
}

/** The node's own words: the rest of the error is the transaction again. */
function detailsOf(error: unknown): string {
  const { details, message } = error as { details?: string; message: string }
  return (details ?? message).slice(0, 500)
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof TransactionReceiptNotFoundError)) throw error
}
