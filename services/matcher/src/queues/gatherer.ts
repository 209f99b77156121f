/**
 * Collects what arrives within a short window into one batch: many leases are opened in one transaction.
 * `flush` gets each batch once; all who added to it share its outcome.
 */
export class Gatherer<T> {
  readonly #flush: (items: T[]) => Promise<void>
  readonly #most: number
  readonly #windowMs: number
  #open: { items: T[]; done: Promise<void>; close: () => void } | undefined

  constructor(options: { most: number; windowMs: number; flush: (items: T[]) => Promise<void> }) {
    this.#flush = options.flush
    this.#most = options.most
    this.#windowMs = options.windowMs
  }

  /** Resolves or rejects as the batch that took `item` does. */
  add(item: T): Promise<void> {
    this.#open ??= this.#start()
    const batch = this.#open
    batch.items.push(item)
    if (batch.items.length >= this.#most) batch.close()
    return batch.done
  }

  #start() {
    const items: T[] = []
    let close = () => {}
    const closed = new Promise<void>((resolve) => {
      const timer = setTimeout(() => close(), this.#windowMs)
      close = () => {
        clearTimeout(timer)
        this.#open = undefined
        resolve()
      }
    })
    return { items, done: closed.then(() => this.#flush(items)), close }
  }
}
