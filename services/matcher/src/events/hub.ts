import type { CommittedEvent } from '../store/committer.ts'

/** What a subscriber wants to hear of. Each that is given must hold. */
export interface Interest {
  account?: string
  order?: string
  lease?: string
  job?: string
  types?: readonly string[]
}

/** An event in the JSON of the API. */
export interface WireEvent {
  id: string
  at: number
  type: string
  accounts: readonly string[]
  order?: string
  lease?: string
  job?: string
  tx?: string
  data: unknown
}

type Listener = (event: WireEvent) => void

/** Passes committed events on to those who listen now. */
export class Hub {
  readonly #listeners = new Map<Listener, Interest>()
  /** Listeners by account: nearly all of them name one, and most events concern two accounts. */
  readonly #byAccount = new Map<string, Set<Listener>>()

  publish(events: readonly CommittedEvent[]): void {
    for (const event of events) this.#pass(toWire(event))
  }

  /** Returns what ends the subscription. */
  listen(interest: Interest, listener: Listener): () => void {
    const key = interest.account ?? ''
    const peers = this.#byAccount.get(key) ?? new Set()
    this.#byAccount.set(key, peers.add(listener))
    this.#listeners.set(listener, interest)
    return () => {
      peers.delete(listener)
      if (peers.size === 0) this.#byAccount.delete(key)
      this.#listeners.delete(listener)
    }
  }

  /** Whether anybody listens for `account`: work that is queued for it goes out at once. */
  hears(account: string): boolean {
    return this.#byAccount.has(account)
  }

  get size(): number {
    return this.#listeners.size
  }

  #pass(event: WireEvent): void {
    for (const account of new Set(['', ...event.accounts])) {
      for (const listener of this.#byAccount.get(account) ?? []) {
        if (concerns(event, this.#listeners.get(listener)!)) listener(event)
      }
    }
  }
}

export function toWire({ id, at, ...event }: CommittedEvent): WireEvent {
  return { id: String(id), at: at.getTime(), ...event }
}

function concerns(event: WireEvent, { order, lease, job, types }: Interest): boolean {
  if (types && !types.includes(event.type)) return false
  return (!order || order === event.order) && (!lease || lease === event.lease) && (!job || job === event.job)
}
