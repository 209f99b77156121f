import { encodeOutput } from '../io/output.ts'

/** Collects what a run writes, up to a number of bytes over both streams together. */
export class OutputBuffer {
  readonly #streams = { stdout: new GrowingBytes(), stderr: new GrowingBytes() }
  #room: number

  constructor(max: number) {
    this.#room = max
  }

  /** Keeps what fits; says whether all of it did. */
  append(stream: 'stdout' | 'stderr', bytes: Uint8Array): boolean {
    const kept = bytes.subarray(0, this.#room)
    this.#streams[stream].append(kept)
    this.#room -= kept.length
    return kept.length === bytes.length
  }

  encode(exitCode: number): Uint8Array {
    const { stdout, stderr } = this.#streams
    return encodeOutput({ exitCode, stdout: stdout.bytes(), stderr: stderr.bytes() })
  }
}

/** Bytes in one piece that doubles: a program that writes a byte at a time costs no more than its bytes. */
class GrowingBytes {
  #bytes = new Uint8Array(1024)
  #length = 0

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

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }
}
