import { keccak256 } from '../io/hash.ts'

/** A stream of bytes from a seed: block `n` is `keccak256(seed ‖ n)`, n in eight little-endian bytes. */
export class RandomStream {
  #block: Uint8Array = new Uint8Array()
  #used = 0
  #counter = 0n
  readonly #preimage = new Uint8Array(40)

  constructor(seed: Uint8Array) {
    this.#preimage.set(seed)
  }

  /** Fills `target` with the bytes that come next. */
  fill(target: Uint8Array): void {
    for (let at = 0; at < target.length; ) {
      if (this.#used === this.#block.length) this.#next()
      const part = this.#block.subarray(this.#used, this.#used + target.length - at)
      target.set(part, at)
      at += part.length
      this.#used += part.length
    }
  }

  #next(): void {
    new DataView(this.#preimage.buffer).setBigUint64(32, this.#counter, true)
    this.#counter += 1n
    this.#block = keccak256(this.#preimage)
    this.#used = 0
  }
}
