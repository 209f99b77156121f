import { MAX_U32 } from './bytes.ts'
import { BadEncodingError } from './errors.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes of a log, and whether they are all that were to be there: where the log breaks off they are not. */
export interface Piece {
  readonly bytes: Uint8Array
  readonly whole: boolean
}

/** Reads a log of records that may break off anywhere. */
export class LogReader {
  #at = 0
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get more(): boolean {
    return this.#at < this.#bytes.length
  }

  tag(): number {
    return this.#bytes[this.#at++]!
  }

  /** So many bytes; a view, not a copy. */
  fixed(length: number): Piece {
    const bytes = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += bytes.length
    return { bytes, whole: bytes.length === length }
  }

  /** A length and so many bytes. */
  piece(): Piece {
    let length = 0
    for (let unit = 1; ; unit *= 128) {
      if (!this.more) return { bytes: new Uint8Array(), whole: false }
      const byte = this.tag()
      length += (byte & 0x7f) * unit
      if (length > MAX_U32) throw this.refuse('a length beyond 32 bits')
      if (byte >= 0x80) continue
      if (byte === 0 && unit > 1) throw this.refuse('a length that is not as short as it can be')
      return this.fixed(length)
    }
  }

  text(bytes: Uint8Array): string {
    try {
      return decoder.decode(bytes)
    } catch {
      throw this.refuse('text that is not UTF-8')
    }
  }

  /** An error that names this place. */
  refuse(reason: string): BadEncodingError {
    return new BadEncodingError('output', reason, this.#at)
  }
}
