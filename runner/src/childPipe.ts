/**
 * The limited process's end of the pipe. It reads with blocking calls: nothing else has to happen there meanwhile, and
 * a run is synchronous anyway.
 */
import { readSync, writeSync } from 'node:fs'
import { decodeHead, decodePrefix, encodeHead, type Frame, PREFIX_BYTES } from './frames.ts'

const STDIN = 0
const STDOUT = 1
/** Programs and inputs were measured by the supervisor before they are sent. */
const MAX_BODY = 2 ** 31
const REASON_CHARS = 500

/** The next frame, or nothing where the pipe ended. */
export function readFrame(): Frame | undefined {
  const prefix = read(PREFIX_BYTES)
  if (!prefix) return undefined
  const lengths = decodePrefix(prefix, MAX_BODY)
  const head = read(lengths.head)
  const body = read(lengths.body)
  return head && body && { head: decodeHead(head), body }
}

export function writeFrame(head: object, body: Uint8Array = new Uint8Array()): void {
  for (const bytes of [encodeHead(head, body.length), body]) {
    for (let at = 0; at < bytes.length; ) at += writeSync(STDOUT, bytes, at)
  }
}

/** An error as the supervisor is told of it. */
export const reasonOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).slice(0, REASON_CHARS)

/** Reads exactly so many bytes, or nothing where the pipe ended. */
function read(length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; ) {
    const count = readSync(STDIN, bytes, at, length - at, null)
    if (count === 0) return undefined
    at += count
  }
  return bytes
}
