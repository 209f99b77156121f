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

/** Puts chunks from a stream together into frames. */
export class FrameReader {
  /** Most bytes of the next body; the supervisor sets it to what the running job may answer. */
  maxBody: number
  #chunks: Uint8Array[] = []
  #length = 0
  #lengths: { head: number; body: number } | undefined

  constructor(maxBody: number) {
    this.maxBody = maxBody
  }

  /** Takes a chunk and gives back the frames that it completed. */
  push(chunk: Uint8Array): Frame[] {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    const frames: Frame[] = []
    for (let frame = this.#next(); frame; frame = this.#next()) frames.push(frame)
    return frames
  }

  #next(): Frame | undefined {
    if (!this.#lengths) {
      if (this.#length < PREFIX_BYTES) return undefined
      this.#lengths = decodePrefix(this.#join(), this.maxBody)
    }
    const { head, body } = this.#lengths
    const total = PREFIX_BYTES + head + body
    if (this.#length < total) return undefined
    const bytes = this.#join()
    this.#chunks = bytes.length > total ? [bytes.subarray(total)] : []
    this.#length = bytes.length - total
    this.#lengths = undefined
    return {
      head: decodeHead(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + head)),
      body: bytes.subarray(PREFIX_BYTES + head, total),
    }
  }

  /** One array of all that came, copied only where there are several chunks. */
  #join(): Uint8Array {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0] ?? new Uint8Array()
  }
}
