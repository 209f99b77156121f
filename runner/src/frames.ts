/**
 * How the supervisor and a job's process talk: frames over a pipe, each a small JSON head and raw bytes.
 *
 * ```
 * u32 n   length of the head      (little-endian)
 * u32 m   length of the body
 * n bytes JSON, UTF-8
 * m bytes body: a program, an input, an output
 * ```
 *
 * The far end may be in a guest's hands, so that the reader checks both lengths before it keeps a byte.
 */

/** Bytes before the head. */
export const PREFIX_BYTES = 8

/** Heads are a dozen short fields: more is no head of ours. */
export const MAX_HEAD_BYTES = 16 * 1024

/** One message. Its head is plain JSON: integers past 32 bits travel as decimal strings. */
export interface Frame {
  readonly head: Record<string, unknown>
  readonly body: Uint8Array
}

/** The far end does not speak the protocol, or says more than it may. */
export class BadFrameError extends Error {
  override readonly name = 'BadFrameError'
}

/** The bytes before the body; the body follows as it is, uncopied. */
export function encodeHead(head: object, bodyLength: number): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(head))
  const bytes = new Uint8Array(PREFIX_BYTES + json.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, json.length, true)
  view.setUint32(4, bodyLength, true)
  bytes.set(json, PREFIX_BYTES)
  return bytes
}

/** Reads the two lengths, and refuses those over the limits. */
export function decodePrefix(bytes: Uint8Array, maxBody: number): { head: number; body: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, PREFIX_BYTES)
  const head = view.getUint32(0, true)
  const body = view.getUint32(4, true)
  if (head > MAX_HEAD_BYTES) throw new BadFrameError(`A head of ${head} bytes; at most ${MAX_HEAD_BYTES}.`)
  if (body > maxBody) throw new BadFrameError(`A body of ${body} bytes; at most ${maxBody}.`)
  return { head, body }
}

/** Parses a head. */
export function decodeHead(bytes: Uint8Array): Record<string, unknown> {
  let head: unknown
  try {
    head = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw new BadFrameError('A head that is not JSON.')
  }
  if (typeof head !== 'object' || head === null || Array.isArray(head)) {
    throw new BadFrameError('A head that is not an object.')
  }
  return head as Record<string, unknown>
}

/**
 * Puts chunks from a stream together into frames. It copies them into the frame that comes and keeps none: bytes sent
 * one by one would each keep a buffer alive, and take a hundred times their room.
 */
export class FrameReader {
  /** Most bytes of the next body; the supervisor sets it to what the running job may answer. */
  maxBody: number
  /** What is being filled: prefix, head, body. */
  #part: Uint8Array = new Uint8Array(PREFIX_BYTES)
  #filled = 0
  #lengths: { head: number; body: number } | undefined
  #head: Frame['head'] | undefined

  constructor(maxBody: number) {
    this.maxBody = maxBody
  }

  /** Takes a chunk and gives back the frames that it completed. */
  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = []
    for (let at = 0; ; ) {
      const taken = chunk.subarray(at, at + this.#part.length - this.#filled)
      this.#part.set(taken, this.#filled)
      this.#filled += taken.length
      at += taken.length
      if (this.#filled < this.#part.length) return frames
      const frame = this.#turn()
      if (frame) frames.push(frame)
    }
  }

  /** From a part that is full to the next. */
  #turn(): Frame | undefined {
    const full = this.#part
    this.#filled = 0
    if (!this.#lengths) {
      this.#lengths = decodePrefix(full, this.maxBody)
      this.#part = new Uint8Array(this.#lengths.head)
      return undefined
    }
    if (!this.#head) {
      this.#head = decodeHead(full)
      this.#part = new Uint8Array(this.#lengths.body)
      return undefined
    }
    const frame = { head: this.#head, body: full }
    this.#lengths = undefined
    this.#head = undefined
    this.#part = new Uint8Array(PREFIX_BYTES)
    return frame
  }
}
