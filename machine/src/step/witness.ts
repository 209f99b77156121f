/** The bytes of a witness, written and read in the order in which a step wants them. */
import { LEAF_BYTES } from '../io/merkle.ts'

/** Bytes that are no witness of the state that they are for. */
export class MalformedWitnessError extends Error {
  override readonly name = 'MalformedWitnessError'
  readonly code = 'malformed-witness'
  /** The same bytes are refused every time. */
  readonly retryable = false
  readonly remedy = 'Make the witness with `proveStep` from the very state that the step begins in.'

  constructor(reason: string) {
    super(`Malformed witness: ${reason}.`)
  }
}

/** A leaf with the siblings of its lowest levels. */
export interface Opening {
  readonly leaf: Uint8Array
  readonly siblings: readonly Uint8Array[]
}

const MASK_BYTES = 4

export class WitnessWriter {
  readonly #parts: Uint8Array[] = []
  #length = 0

  put(...words: readonly Uint8Array[]): void {
    for (const word of words) {
      this.#parts.push(word.slice())
      this.#length += word.length
    }
  }

  putOpening({ leaf, siblings }: Opening): void {
    const mask = new Uint8Array(MASK_BYTES)
    const given: Uint8Array[] = []
    let bits = 0
    for (const [level, sibling] of siblings.entries()) {
      if (sibling.every((byte) => byte === 0)) continue
      bits |= 1 << level
      given.push(sibling)
    }
    new DataView(mask.buffer).setUint32(0, bits >>> 0)
    this.put(leaf, mask, ...given)
  }

  finish(): Uint8Array {
    const joined = new Uint8Array(this.#length)
    let at = 0
    for (const part of this.#parts) {
      joined.set(part, at)
      at += part.length
    }
    return joined
  }
}

export class WitnessReader {
  #at = 0
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  word(): Uint8Array {
    return this.#take(LEAF_BYTES)
  }

  opening(levels: number): Opening {
    const leaf = this.word()
    const mask = this.#take(MASK_BYTES)
    const bits = new DataView(mask.buffer, mask.byteOffset).getUint32(0)
    if (bits >= 2 ** levels) throw new MalformedWitnessError('a mask has bits beyond its opening')
    const siblings = Array.from({ length: levels }, (_, level) =>
      (bits >>> level) & 1 ? this.word() : new Uint8Array(LEAF_BYTES),
    )
    return { leaf, siblings }
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new MalformedWitnessError('it is longer than the step needs')
  }

  #take(length: number): Uint8Array {
    if (this.#bytes.length - this.#at < length) {
      throw new MalformedWitnessError('it is shorter than the step needs')
    }
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}
