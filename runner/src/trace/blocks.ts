/**
 * Pages of a trace that its process has no room for, on their way to the supervisor: many in a block, because each block
 * costs a message. Which page is where, only this side knows: the supervisor is asked for blocks by number.
 */

import { StoreFullError } from '@millrace/machine/steps'

/** Bytes of every block. */
export const BLOCK_BYTES = 256 * 1024

/** Blocks that were fetched and are still here: what was put together is mostly wanted together. */
const KEPT = 8

/** Where blocks go and come from. */
export interface Blocks {
  /** The next one, which is the caller's again afterwards; false where there is no room for it. */
  write(block: Uint8Array): boolean
  read(number: number): Uint8Array
}

interface Place {
  readonly block: number
  readonly at: number
  readonly length: number
}

export class BlockedPages {
  readonly #blocks: Blocks
  readonly #places = new Map<string, Place>()
  readonly #filling = new Uint8Array(BLOCK_BYTES)
  #filled = 0
  /** Blocks that were written. */
  #count = 0
  /** Fetched ones, the longest unused first. */
  readonly #fetched = new Map<number, Uint8Array>()

  constructor(blocks: Blocks) {
    this.#blocks = blocks
  }

  /**
   * Keeps a page under the name of its contents.
   *
   * @throws {StoreFullError} where there is no room for it; what was put before is still there
   */
  put(key: string, bytes: Uint8Array): void {
    if (this.#places.has(key)) return
    if (bytes.length > BLOCK_BYTES)
      throw new RangeError(`A page of ${bytes.length} bytes fits into no block.`)
    if (this.#filled + bytes.length > BLOCK_BYTES) {
      if (!this.#blocks.write(this.#filling)) throw new StoreFullError()
      this.#count++
      this.#filled = 0
    }
    this.#filling.set(bytes, this.#filled)
    this.#places.set(key, { block: this.#count, at: this.#filled, length: bytes.length })
    this.#filled += bytes.length
  }

  /** A copy of a page that was put. */
  get(key: string): Uint8Array {
    const place = this.#places.get(key)
    if (!place) throw new RangeError(`No page was put under ${key}.`)
    const block = place.block === this.#count ? this.#filling : this.#fetch(place.block)
    return block.slice(place.at, place.at + place.length)
  }

  #fetch(number: number): Uint8Array {
    const block = this.#fetched.get(number) ?? this.#blocks.read(number)
    this.#fetched.delete(number)
    this.#fetched.set(number, block)
    if (this.#fetched.size > KEPT) this.#fetched.delete(this.#fetched.keys().next().value!)
    return block
  }
}
