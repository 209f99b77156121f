/** Little-endian writing and strict reading of bytes: what the two encodings share. */
import { BadEncodingError } from './errors.ts'

const encoder = new TextEncoder()
// A byte order mark is text like any other: dropping it would make two encodings of one value.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const MAX_U32 = 0xffff_ffff

/** Collects parts and joins them once. */
export class ByteWriter {
  readonly #parts: Uint8Array[] = []
  #length = 0
  readonly #kind: 'input' | 'output'

  constructor(kind: 'input' | 'output') {
    this.#kind = kind
  }

  raw(bytes: Uint8Array): void {
    this.#parts.push(bytes)
    this.#length += bytes.length
  }

  u32(value: number): void {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, value, true)
    this.raw(bytes)
  }

  i32(value: number): void {
    this.u32(value >>> 0)
  }

  u64(value: bigint): void {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigUint64(0, value, true)
    this.raw(bytes)
  }

  /** A length in four bytes, then the bytes. */
  sized(bytes: Uint8Array): void {
    if (bytes.length > MAX_U32) throw new BadEncodingError(this.#kind, 'a part is longer than 4 GiB')
    this.u32(bytes.length)
    this.raw(bytes)
  }

  join(): Uint8Array {
    const joined = new Uint8Array(this.#length)
    let at = 0
    for (const part of this.#parts) {
      joined.set(part, at)
      at += part.length
    }
    return joined
  }
}

/** Reads what `ByteWriter` wrote, and refuses to read past the end or to leave anything over. */
export class ByteReader {
  #at = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #kind: 'input' | 'output'

  constructor(kind: 'input' | 'output', bytes: Uint8Array) {
    this.#kind = kind
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** A view, not a copy. */
  raw(length: number): Uint8Array {
    const start = this.#skip(length)
    return this.#bytes.subarray(start, start + length)
  }

  u32(): number {
    return this.#view.getUint32(this.#skip(4), true)
  }

  i32(): number {
    return this.#view.getInt32(this.#skip(4), true)
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#skip(8), true)
  }

  sized(): Uint8Array {
    return this.raw(this.u32())
  }

  text(): string {
    const bytes = this.sized()
    try {
      return decoder.decode(bytes)
    } catch {
      throw this.refuse('text that is not UTF-8')
    }
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw this.refuse('more bytes than the encoding has')
  }

  /** An error that names this place. */
  refuse(reason: string): BadEncodingError {
    return new BadEncodingError(this.#kind, reason, this.#at)
  }

  #skip(length: number): number {
    if (this.#bytes.length - this.#at < length) throw this.refuse(`it ends ${length} bytes too early`)
    const start = this.#at
    this.#at += length
    return start
  }
}

/** UTF-8, or nothing for a string with half a surrogate pair, which has none. */
export function toUtf8(text: string): Uint8Array | undefined {
  return text.isWellFormed() ? encoder.encode(text) : undefined
}

/** Order by bytes, a shorter string before those that it begins. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return a.length - b.length
}
