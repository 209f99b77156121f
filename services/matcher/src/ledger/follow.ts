/** After a block was committed: the book, the balances and the queues catch up with it, one block after another. */
import type { Hex } from 'viem'
import type { Context } from '../context.ts'
import { scheduleLease } from '../leases/keeper.ts'
import { loadEntry } from '../orders/load.ts'
import type { Aftermath } from './after.ts'

/** Seconds for which a pair that the chain refused is not tried again. */
const BARRED_FOR = 30n

export class Follower {
  readonly #context: Context
  #turn: Promise<unknown> = Promise.resolve()
  #rematches = 0

  constructor(context: Context) {
    this.#context = context
  }

  follow(aftermath: Aftermath): void {
    this.#queue(() => this.#follow(aftermath))
  }

  /** An opening will not come about: what it held is free again, and the bid is matched with others. */
  refused(intent: string, reason: string): void {
    this.#queue(async () => {
      const { book } = this.#context
      const reservation = book.reservation(intent)
      if (!reservation) return
      book.bar(reservation.bid, reservation.ask, this.#context.clock.now() + BARRED_FOR)
      await this.refresh([reservation.ask, reservation.bid])
      book.release(intent)
      this.#context.log.info({ intent, reason, bid: reservation.bid }, 'a match came to nothing')
      await this.#rematch(reservation.bid)
    })
  }

  /** Reads orders into the book, or takes them out of it. */
  async refresh(digests: Iterable<string>): Promise<void> {
    const { book, db, clock } = this.#context
    for (const digest of digests) {
      const entry = await loadEntry(db, digest as Hex, clock.now())
      if (entry) book.put(entry)
      else book.remove(digest as Hex)
    }
  }

  /** Resolves when everything so far was followed. */
  async idle(): Promise<void> {
    await this.#turn
  }

  async #follow({ money, orders, done, refused, rematch, leases }: Aftermath): Promise<void> {
    const { book, funds } = this.#context
    if (money) funds.forget()
    await this.refresh(orders)
    // Only now: until its fill was read, the reservation stood for it.
    for (const intent of done) book.release(intent)
    for (const [intent, reason] of refused) this.refused(intent, reason)
    for (const bid of rematch) await this.#rematch(bid)
    for (const id of leases) {
      this.#context.debts.forget(id)
      await scheduleLease(this.#context, id)
    }
  }

  /** Under an id of its own: the bid's first dispatch may still be in the queue. */
  #rematch(bid: string): Promise<void> {
    return this.#context.queues.add('dispatch', `${bid}.${++this.#rematches}`)
  }

  #queue(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(work).catch((error) => {
      this.#context.log.error({ err: error }, 'what a block means was not followed up: the reconciler will')
    })
  }
}
