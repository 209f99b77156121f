/** The orders that can be matched now. A cache: what is in it follows from the database at any time. */
import type { Address, Hex } from 'viem'
import type { AskEntry, BidEntry } from './entry.ts'
import type { Pairing } from './match.ts'

/** A pair on its way to the chain: what it takes is not there for others. */
export interface Reservation extends Pairing {
  tasker: Address
  provider: Address
  token: Address
}

export class Book {
  readonly #asks = new Map<Hex, AskEntry>()
  readonly #bids = new Map<Hex, BidEntry>()
  /** Pairs that the chain refused, as bid and ask, and until when they are not tried again. */
  readonly #barred = new Map<Hex, Map<Hex, bigint>>()
  /** By intent. */
  readonly #reserved = new Map<string, Reservation>()

  /** Puts an order in, or replaces it. */
  put(entry: AskEntry | BidEntry): void {
    if ('ask' in entry) this.#asks.set(entry.digest, entry)
    else this.#bids.set(entry.digest, entry)
  }

  remove(digest: Hex): void {
    this.#asks.delete(digest)
    this.#bids.delete(digest)
    this.#barred.delete(digest)
  }

  reserve(intent: string, reservation: Reservation): void {
    this.#reserved.set(intent, reservation)
  }

  reservation(intent: string): Reservation | undefined {
    return this.#reserved.get(intent)
  }

  /** What is on its way, by intent. */
  intents(): string[] {
    return [...this.#reserved.keys()]
  }

  release(intent: string): void {
    this.#reserved.delete(intent)
  }

  isReserved(digest: Hex): boolean {
    return this.#reservations().some(({ ask, bid }) => ask === digest || bid === digest)
  }

  /** Asks with what is left of them. */
  asks(): AskEntry[] {
    const taken = new Map<Hex, bigint>()
    for (const { ask, fuel } of this.#reservations()) taken.set(ask, (taken.get(ask) ?? 0n) + fuel)
    return [...this.#asks.values()].map((entry) => ({
      ...entry,
      remaining: entry.remaining - (taken.get(entry.digest) ?? 0n),
    }))
  }

  /** Bids of which nothing is on its way: the next lease's `seq` is known only when the last has opened. */
  bids(now: bigint): BidEntry[] {
    const busy = new Set(this.#reservations().map(({ bid }) => bid))
    return [...this.#bids.values()]
      .filter(({ digest }) => !busy.has(digest))
      .map((entry) => ({ ...entry, barred: this.#barredFor(entry.digest, now) }))
  }

  /** Keeps a pair apart until `until` (unix seconds): the chain refused it, and would again. */
  bar(bid: Hex, ask: Hex, until: bigint): void {
    const barred = this.#barred.get(bid) ?? new Map()
    this.#barred.set(bid, barred.set(ask, until))
  }

  #barredFor(bid: Hex, now: bigint): ReadonlySet<Hex> {
    const barred = this.#barred.get(bid)
    for (const [ask, until] of barred ?? []) if (until <= now) barred!.delete(ask)
    return new Set(barred?.keys())
  }

  /** Money of `account` that leases on their way will lock. */
  held(account: Address, token: Address): bigint {
    let sum = 0n
    for (const { tasker, provider, token: paid, locks } of this.#reserved.values()) {
      if (paid !== token) continue
      if (tasker === account) sum += locks.tasker
      if (provider === account) sum += locks.provider
    }
    return sum
  }

  get size(): { asks: number; bids: number } {
    return { asks: this.#asks.size, bids: this.#bids.size }
  }

  #reservations(): Reservation[] {
    return [...this.#reserved.values()]
  }
}
