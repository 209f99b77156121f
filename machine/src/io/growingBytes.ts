/** Bytes in one piece that doubles: a program that writes a byte at a time costs no more than its bytes. */
export class GrowingBytes {
  #bytes = new Uint8Array(1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, this.#bytes.length * 2))
      grown.set(this.bytes())
      this.#bytes = grown
    }
    this.#bytes.set(bytes, this.#length)
    this.#length = length
  }

  /** A view, not a copy. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }
}
