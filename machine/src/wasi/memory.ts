import type { Host } from './host.ts'
import { ERRNO, Failure } from './preview1.ts'

/**
 * The program's memory as WASI sees it. Pointers and lengths come from the program, as signed numbers: every
 * access checks its bounds and fails with EFAULT.
 */
export class GuestMemory {
  #buffer: ArrayBufferLike | undefined
  #bytes = new Uint8Array()
  #view = new DataView(new ArrayBuffer(0))
  readonly #host: Host

  constructor(host: Host) {
    this.#host = host
  }

  /** A view of the program's own bytes; not to be kept across calls, since growing memory detaches it. */
  bytes(pointer: number, length: number): Uint8Array {
    const start = this.#check(pointer, length >>> 0)
    return this.#bytes.subarray(start, start + (length >>> 0))
  }

  getU8(pointer: number): number {
    const start = this.#check(pointer, 1)
    return this.#view.getUint8(start)
  }

  getU16(pointer: number): number {
    const start = this.#check(pointer, 2)
    return this.#view.getUint16(start, true)
  }

  getU32(pointer: number): number {
    const start = this.#check(pointer, 4)
    return this.#view.getUint32(start, true)
  }

  getU64(pointer: number): bigint {
    const start = this.#check(pointer, 8)
    return this.#view.getBigUint64(start, true)
  }

  setU32(pointer: number, value: number): void {
    const start = this.#check(pointer, 4)
    this.#view.setUint32(start, value, true)
  }

  setU64(pointer: number, value: bigint): void {
    const start = this.#check(pointer, 8)
    this.#view.setBigUint64(start, value, true)
  }

  /** Copies bytes in. */
  set(pointer: number, bytes: Uint8Array): void {
    this.bytes(pointer, bytes.length).set(bytes)
  }

  /** Renews the views if the memory grew, so it comes before their use. */
  #check(pointer: number, length: number): number {
    const start = pointer >>> 0
    const buffer = this.#host.memory()?.buffer
    if (!buffer || start + length > buffer.byteLength) throw new Failure(ERRNO.fault)
    if (buffer !== this.#buffer) {
      this.#buffer = buffer
      this.#bytes = new Uint8Array(buffer)
      this.#view = new DataView(buffer)
    }
    return start
  }
}
