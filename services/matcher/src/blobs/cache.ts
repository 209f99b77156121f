/** Bytes of small blobs, the last used ones up to a number of bytes. */
export class ByteCache {
  readonly #most: number
  readonly #entries = new Map<string, Uint8Array>()
  #bytes = 0

  constructor(most: number) {
    this.#most = most
  }

  get(root: string): Uint8Array | undefined {
    const bytes = this.#entries.get(root)
    // A map keeps the order of insertion: what was read last goes to its end.
    if (!bytes) return undefined
    this.#entries.delete(root)
    this.#entries.set(root, bytes)
    return bytes
  }

  put(root: string, bytes: Uint8Array): void {
    if (this.#entries.has(root) || bytes.length > this.#most) return
    this.#entries.set(root, bytes)
    this.#bytes += bytes.length
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#most) return
      this.drop(oldest)
    }
  }

  drop(root: string): void {
    this.#bytes -= this.#entries.get(root)?.length ?? 0
    this.#entries.delete(root)
  }
}
