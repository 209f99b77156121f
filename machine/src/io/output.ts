/**
 * What a run leaves behind: a log of records, each appended when it happened. Lengths are LEB128 as short as they
 * can be written.
 *
 * ```
 * 1  length bytes               standard output
 * 2  length bytes               standard error
 * 3  length path                a folder in /out that nothing else shows
 * 4  length path  length bytes  a file in /out
 * 0  i32, little-endian         the exit code; the last record
 * ```
 * Streams are written through. Files and folders follow when the program exits, right before the exit code: a run
 * that ended otherwise has none, and no exit code. Where the output was full, the log breaks off anywhere.
 *
 * Paths are relative to `/out`: UTF-8, normalised, at most 4096 bytes.
 */
import { printable } from '../wasm/printable.ts'
import { toUtf8 } from './bytes.ts'
import { BadEncodingError } from './errors.ts'
import { GrowingBytes } from './growingBytes.ts'
import { LogReader } from './logReader.ts'
import { findAbove, isRelativePath } from './paths.ts'

/** What a job wrote. */
export interface JobOutput {
  /** The code that the program gave to `exit`; -1 where it never got there, as the result's status says. */
  readonly exitCode: number
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  /** Files by their path in `/out`, such as `plots/first.png`. A stranger chose the names. */
  readonly files: Readonly<Record<string, Uint8Array>>
  /** Empty folders in `/out`. */
  readonly folders: readonly string[]
}

const TAG = { exit: 0, stdout: 1, stderr: 2, folder: 3, file: 4 } as const
const NO_EXIT_CODE = -1
/** Files and folders: what a program makes takes more than 256 bytes each of the 64 MiB that its library has. */
const MAX_ENTRIES = 2 ** 18

/**
 * Encodes an output, each stream in one record. A program writes its streams in pieces, so that other bytes can
 * stand for the same output.
 *
 * @throws {BadEncodingError} for an exit code that does not fit a signed 32-bit integer, or a path that no program
 * can write to
 */
export function encodeOutput(output: Partial<JobOutput>): Uint8Array {
  const { exitCode = 0, stdout, stderr, files = {}, folders = [] } = output
  if (exitCode !== (exitCode | 0)) throw refuse(`an exit code of ${exitCode} does not fit 32 bits`)
  checkPaths(Object.keys(files), folders)
  const parts: Uint8Array[] = []
  const sized = (bytes: Uint8Array) => parts.push(leb128(bytes.length), bytes)
  const begin = (tag: number) => parts.push(Uint8Array.of(tag))
  for (const [tag, bytes] of [
    [TAG.stdout, stdout],
    [TAG.stderr, stderr],
  ] as const) {
    if (!bytes?.length) continue
    begin(tag)
    sized(bytes)
  }
  for (const path of folders) {
    begin(TAG.folder)
    sized(toUtf8(path)!)
  }
  for (const [path, content] of Object.entries(files)) {
    begin(TAG.file)
    sized(toUtf8(path)!)
    sized(content)
  }
  begin(TAG.exit)
  parts.push(new Uint8Array(Int32Array.of(exitCode).buffer))
  return join(parts)
}

/**
 * Decodes an output. Contents of files are views of `bytes`, not copies.
 *
 * @throws {BadEncodingError} for bytes that no run leaves behind
 */
export function decodeOutput(bytes: Uint8Array): JobOutput {
  const reader = new LogReader(bytes)
  // Copied as they come: a view of each of a million small writes would take fifty times their bytes.
  const streams = { [TAG.stdout]: new GrowingBytes(), [TAG.stderr]: new GrowingBytes() }
  const files: [string, Uint8Array][] = []
  const folders: string[] = []
  let exitCode = NO_EXIT_CODE
  while (reader.more) {
    const tag = reader.tag()
    if (tag === TAG.stdout || tag === TAG.stderr) streams[tag].append(reader.piece().bytes)
    else if (tag === TAG.folder) {
      const path = reader.piece()
      if (path.whole) folders.push(reader.text(path.bytes))
    } else if (tag === TAG.file) {
      const path = reader.piece()
      const content = reader.piece()
      if (content.whole) files.push([reader.text(path.bytes), content.bytes])
    } else if (tag === TAG.exit) {
      const { bytes: code, whole } = reader.fixed(4)
      if (whole) exitCode = new DataView(code.buffer, code.byteOffset).getInt32(0, true)
      if (reader.more) throw reader.refuse('more bytes after the exit code')
    } else throw reader.refuse(`there is no record ${tag}`)
    if (files.length + folders.length > MAX_ENTRIES)
      throw reader.refuse(`more than ${MAX_ENTRIES} files and folders`)
  }
  checkPaths(
    files.map(([path]) => path),
    folders,
  )
  return {
    exitCode,
    stdout: streams[TAG.stdout].bytes().slice(),
    stderr: streams[TAG.stderr].bytes().slice(),
    files: Object.fromEntries(files),
    folders,
  }
}

/** One thing by each name, and nothing within a file or within a folder that is said to be empty. */
function checkPaths(files: readonly string[], folders: readonly string[]): void {
  const all = [...files, ...folders]
  const bad = all.find((path) => !isRelativePath(path))
  if (bad !== undefined) throw refuse(`a path that is not normalised: "${printable(bad)}"`)
  if (new Set(all).size < all.length) throw refuse('two entries of one name')
  const above = findAbove(all)
  if (above !== undefined)
    throw refuse(`"${printable(above)}" has others in it and is no folder, or an empty one`)
}

function leb128(value: number): Uint8Array {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.of(...bytes, rest)
    bytes.push((rest % 128) + 128)
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

function refuse(reason: string): BadEncodingError {
  return new BadEncodingError('output', reason)
}
