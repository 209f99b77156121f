/** Pairs orders and writes what is to be opened; the settlement queue opens it. */
import type { Address, Hex } from 'viem'
import type { AskEntry, BidEntry } from '../book/entry.ts'
import { matchBook, type Pairing } from '../book/match.ts'
import { misfit, type Situation } from '../book/misfit.ts'
import { type WhyNot, whyNotAsk, whyNotBid } from '../book/why.ts'
import type { Context } from '../context.ts'
import { faultAt } from '../fault.ts'
import { addIntent } from '../journal/intents.ts'

/** More than any account has: for balances that are still to be read. */
const UNKNOWN = 2n ** 128n

/** One at a time: what one pairing takes, the next one must not. */
export class Matching {
  readonly #context: Context
  #turn: Promise<unknown> = Promise.resolve()
  /** Bids whose owners were told that nobody serves them yet. */
  readonly #told = new Set<Hex>()

  constructor(context: Context) {
    this.#context = context
  }

  /** Matches an order with all that it can be matched with now. Twice is once. */
  match(digest: Hex): Promise<number> {
    const matched = this.#turn.then(() => this.#match(digest))
    this.#turn = matched.catch(() => {})
    return matched
  }

  /** Why an order of the book is not matched; undefined where it is not in the book. */
  async whyNot(digest: Hex): Promise<WhyNot | undefined> {
    const { book, clock } = this.#context
    const [asks, bids] = [book.asks(), book.bids(clock.now())]
    const situation = await this.situation(asks)
    const bid = bids.find((entry) => entry.digest === digest)
    if (bid) return whyNotBid(bid, asks, situation)
    const ask = asks.find((entry) => entry.digest === digest)
    return ask && whyNotAsk(ask, bids, situation)
  }

  /** The time, and the money of those who ask. */
  async situation(asks: readonly AskEntry[]): Promise<Situation> {
    await this.#context.funds.load(asks.map(({ ask }) => ask))
    return this.#situation(this.#context.clock.now(), this.#purse())
  }

  async #match(digest: Hex): Promise<number> {
    const { book, clock } = this.#context
    const now = clock.now()
    const asks = book.asks()
    const bids = candidates(
      digest,
      book.bids(now),
      asks,
      this.#situation(now, () => UNKNOWN),
    )
    const pairings = await this.#pairings(bids, asks, now)
    if (pairings.length > 0) await this.#write(pairings, bids, asks)
    else if (bids.length === 1 && bids[0]!.digest === digest) await this.#tell(bids[0]!)
    return pairings.length
  }

  /** Says why a bid waits. Once: /v1/orders/…/why answers at any time. */
  async #tell({ digest, bid }: BidEntry): Promise<void> {
    if (this.#told.has(digest)) return
    this.#told.add(digest)
    const data = await this.whyNot(digest)
    const event = { type: 'order.unmatched', accounts: [bid.account], order: digest, data }
    await this.#context.committer.commit(async (_, emit) => emit(event))
  }

  /** Balances are read only of accounts that would be paired. */
  async #pairings(bids: readonly BidEntry[], asks: readonly AskEntry[], now: bigint): Promise<Pairing[]> {
    const { funds } = this.#context
    for (;;) {
      const pairings = matchBook(bids, asks, this.#situation(now, this.#purse()))
      const accounts = pairings.flatMap((pairing) => {
        const { ask } = asks.find(({ digest }) => digest === pairing.ask)!
        const { bid } = bids.find(({ digest }) => digest === pairing.bid)!
        return [ask, bid]
      })
      const unknown = accounts.filter(({ account, token }) => funds.free(account, token) === undefined)
      if (unknown.length === 0) return pairings
      await funds.load(unknown)
    }
  }

  #situation(now: bigint, purse: Situation['purse']): Situation {
    return { now, purse, proofScheme: this.#context.contracts.proofScheme }
  }

  #purse(): Situation['purse'] {
    const { funds, book } = this.#context
    return (account: Address, token: Address) =>
      (funds.free(account, token) ?? UNKNOWN) - book.held(account, token)
  }

  async #write(
    pairings: readonly Pairing[],
    bids: readonly BidEntry[],
    asks: readonly AskEntry[],
  ): Promise<void> {
    const { book, committer, queues, log, metrics } = this.#context
    faultAt('pair')
    await committer.commit(async (tx) => {
      for (const pairing of pairings) {
        await addIntent(tx, { id: openIntent(pairing), kind: 'open', payload: toPayload(pairing) })
      }
    })
    faultAt('intent')
    metrics.matches.inc(pairings.length)
    for (const pairing of pairings) {
      const { ask } = asks.find(({ digest }) => digest === pairing.ask)!
      const { bid } = bids.find(({ digest }) => digest === pairing.bid)!
      const id = openIntent(pairing)
      book.reserve(id, { ...pairing, tasker: bid.account, provider: ask.account, token: ask.token })
      log.info({ ask: pairing.ask, bid: pairing.bid, seq: pairing.seq, fuel: pairing.fuel }, 'matched')
      await queues.add('settlement', id)
    }
  }
}

/** The bids that a new or changed order can concern. */
function candidates(
  digest: Hex,
  bids: readonly BidEntry[],
  asks: readonly AskEntry[],
  situation: Situation,
): BidEntry[] {
  const ask = asks.find((entry) => entry.digest === digest)
  return bids.filter((bid) => (ask ? !misfit(bid, ask, situation) : bid.digest === digest))
}

export const openIntent = ({ bid, seq }: Pick<Pairing, 'bid' | 'seq'>) => `open.${bid}.${seq}`

/** A pairing as it is written in its intent. */
export interface PairingPayload {
  ask: Hex
  bid: Hex
  seq: string
  fuel: string
  bidIsMaker: boolean
  locks: { tasker: string; provider: string }
}

function toPayload({ locks, seq, fuel, ...rest }: Pairing): PairingPayload {
  const plain = { tasker: locks.tasker.toString(), provider: locks.provider.toString() }
  return { ...rest, seq: seq.toString(), fuel: fuel.toString(), locks: plain }
}

export function fromPayload({ locks, seq, fuel, ...rest }: PairingPayload): Pairing {
  const amounts = { tasker: BigInt(locks.tasker), provider: BigInt(locks.provider) }
  return { ...rest, seq: BigInt(seq), fuel: BigInt(fuel), locks: amounts }
}
