/**
 * Everything that a program can observe, as one canonical byte string: one value has one encoding, and bytes
 * that `encodeInput` would not have written are refused.
 *
 * Integers are little-endian, `bytes` and `text` (UTF-8) carry their length in four bytes.
 *
 * ```
 * "MRIN"  u32 version
 * u64     clock at the start, nanoseconds since 1970
 * 32      random seed
 * u32 n   n × text   arguments, the program's name first; no NUL
 * u32 n   n × (text name, text value)   environment, by name ascending; no NUL, no "=" in a name
 * bytes   standard input
 * u32 n   n × (text path, bytes content)   files, by path ascending; absolute, normalised, at most 4096 bytes, not in /out
 * ```
 * Each n is at most 65,536.
 */
import { printable } from '../wasm/printable.ts'
import { ByteReader, ByteWriter, compareBytes, toUtf8 } from './bytes.ts'
import { BadEncodingError } from './errors.ts'
import { findAbove, MAX_PATH_BYTES } from './paths.ts'

/** What a job reads. */
export interface JobInput {
  /** Arguments; the first is the program's name, as C has it. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly stdin: Uint8Array
  /** Read-only files by absolute path, such as `/data/text.txt`. Folders follow from the paths. */
  readonly files: Readonly<Record<string, Uint8Array>>
  /** The clock when the program starts, in nanoseconds since 1970 (UTC). */
  readonly clock: bigint
  /** 32 bytes that every random number of the run follows from. */
  readonly seed: Uint8Array
}

const MAGIC = Uint8Array.of(0x4d, 0x52, 0x49, 0x4e) // "MRIN"
const VERSION = 1
const SEED_BYTES = 32
/** Where the program writes: not a place for files of the input. */
const OUT = /^\/out(\/|$)/
/** Of each list. An entry takes four bytes here and hundreds in memory: more would be a way to exhaust it. */
const MAX_ENTRIES = 65_536
const MAX_U64 = 0xffff_ffff_ffff_ffffn

/**
 * Encodes an input. What is left out is empty; the clock and the seed are zero, so that two people who give the
 * same arguments get the same bytes.
 *
 * @throws {BadEncodingError} for a value that has no encoding: a path that is not absolute and normalised, a
 * name with `=` in it, half a surrogate pair, a seed that is not 32 bytes
 */
export function encodeInput(input: Partial<JobInput> = {}): Uint8Array {
  const { args = [], env = {}, stdin = new Uint8Array(), files = {}, clock = 0n } = input
  const { seed = new Uint8Array(SEED_BYTES) } = input
  if (clock < 0n || clock > MAX_U64) throw refuse(`a clock of ${clock} does not fit 64 bits`)
  if (seed.length !== SEED_BYTES) throw refuse(`a seed of ${seed.length} bytes, not ${SEED_BYTES}`)

  const writer = new ByteWriter('input')
  writer.raw(MAGIC)
  writer.u32(VERSION)
  writer.u64(clock)
  writer.raw(seed)

  writer.u32(checkCount(args.length))
  for (const arg of args) writer.sized(encodeText(arg, argumentFault))

  const variables = sortByName(env, nameFault)
  writer.u32(checkCount(variables.length))
  for (const [name, value] of variables) {
    writer.sized(name)
    writer.sized(encodeText(value, argumentFault))
  }

  writer.sized(stdin)

  const entries = sortByName(files, pathFault)
  const clash = folderClash(Object.keys(files))
  if (clash) throw refuse(clash)
  writer.u32(checkCount(entries.length))
  for (const [path, content] of entries) {
    writer.sized(path)
    writer.sized(content)
  }
  return writer.join()
}

/**
 * Decodes an input; contents are views of `bytes`, not copies.
 *
 * @throws {BadEncodingError} for anything that `encodeInput` would not have written
 */
export function decodeInput(bytes: Uint8Array): JobInput {
  const reader = new ByteReader('input', bytes)
  if (compareBytes(reader.raw(4), MAGIC) !== 0) throw reader.refuse('it does not begin with "MRIN"')
  const version = reader.u32()
  if (version !== VERSION) throw reader.refuse(`version ${version} is not known, only ${VERSION}`)
  const clock = reader.u64()
  const seed = reader.raw(SEED_BYTES)

  const args: string[] = []
  for (let left = readCount(reader); left > 0; left--) args.push(readText(reader, argumentFault))

  const env = readSorted(reader, nameFault, () => readText(reader, argumentFault))
  const stdin = reader.sized()
  const files = readSorted(reader, pathFault, () => reader.sized())
  const clash = folderClash(Object.keys(files))
  if (clash) throw reader.refuse(clash)
  reader.end()
  return { args, env, stdin, files, clock, seed }
}

/** What is wrong with a text, or nothing. */
type Fault = (text: string) => string | undefined

function argumentFault(text: string): string | undefined {
  return text.includes('\0') ? 'an argument or a variable with a NUL in it' : undefined
}

function nameFault(name: string): string | undefined {
  if (name === '') return 'a variable without a name'
  return /[=\0]/.test(name) ? `a variable whose name "${printable(name)}" has "=" or NUL in it` : undefined
}

function pathFault(path: string): string | undefined {
  if ((toUtf8(path)?.length ?? 0) > MAX_PATH_BYTES) return `a path of more than ${MAX_PATH_BYTES} bytes`
  const normal = /^(\/[^/\0]+)+$/.test(path) && !/\/\.\.?(\/|$)/.test(path)
  if (!normal) return `a path that is not absolute and normalised: "${printable(path)}"`
  return OUT.test(path) ? `a path in /out, where the program writes: "${printable(path)}"` : undefined
}

/** A path that would have to be both a file and a folder. */
function folderClash(paths: readonly string[]): string | undefined {
  const clash = findAbove(paths)
  return clash && `"${printable(clash)}" is a file and a folder`
}

function checkCount(count: number): number {
  if (count > MAX_ENTRIES) throw refuse(`${count} entries in a list; ${MAX_ENTRIES} is the most`)
  return count
}

function readCount(reader: ByteReader): number {
  const count = reader.u32()
  if (count > MAX_ENTRIES) throw reader.refuse(`${count} entries in a list; ${MAX_ENTRIES} is the most`)
  return count
}

function encodeText(text: string, fault: Fault): Uint8Array {
  const found = fault(text)
  if (found) throw refuse(found)
  const bytes = toUtf8(text)
  if (!bytes) throw refuse('text that is not well-formed Unicode')
  return bytes
}

function sortByName<T>(entries: Readonly<Record<string, T>>, fault: Fault): [Uint8Array, T][] {
  return Object.entries(entries)
    .map(([name, value]): [Uint8Array, T] => [encodeText(name, fault), value])
    .sort(([a], [b]) => compareBytes(a, b))
}

function readText(reader: ByteReader, fault: Fault): string {
  const text = reader.text()
  const found = fault(text)
  if (found) throw reader.refuse(found)
  return text
}

function readSorted<T>(reader: ByteReader, fault: Fault, readValue: () => T): Record<string, T> {
  const entries: [string, T][] = []
  let last: Uint8Array | undefined
  for (let left = readCount(reader); left > 0; left--) {
    const name = readText(reader, fault)
    const bytes = toUtf8(name)!
    if (last && compareBytes(last, bytes) >= 0) throw reader.refuse(`"${printable(name)}" is out of order`)
    last = bytes
    entries.push([name, readValue()])
  }
  return Object.fromEntries(entries)
}

function refuse(reason: string): BadEncodingError {
  return new BadEncodingError('input', reason)
}
