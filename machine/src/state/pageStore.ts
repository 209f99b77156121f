/**
 * Where pages of states are kept that memory has no room for. Synchronous, as all that reads a state is. It need not
 * tell honest pages from others: what comes back is hashed again.
 */
export interface PageStore {
  /**
   * Keeps a page until the store is closed. Putting a key again puts the same bytes.
   *
   * @param key hex digits of the page's node hash
   * @param bytes 4 KiB, nobody else's from now on
   * @throws {StoreFullError} where there is no room for it: whoever asks goes on with less
   */
  put(key: string, bytes: Uint8Array): void
  /** What was put by that key. Copied by whoever asks. */
  get(key: string): Uint8Array
}

/** A store has no room for more pages. What it has stays there. */
export class StoreFullError extends Error {
  override readonly name = 'StoreFullError'
  readonly code = 'store-full'
  readonly retryable = false
  readonly remedy = 'Give the trace more room on disk, or let it run parts of the program again instead.'

  constructor() {
    super('The store of pages is full.')
  }
}
