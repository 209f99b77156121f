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
   */
  put(key: string, bytes: Uint8Array): void
  /** What was put by that key. Copied by whoever asks. */
  get(key: string): Uint8Array
}
