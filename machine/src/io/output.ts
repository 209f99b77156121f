/**
 * What a run leaves behind, as one canonical byte string. Integers are little-endian.
 *
 * ```
 * "MROU"  u32 version
 * i32     exit code
 * u32 n   n bytes of standard output
 * u32 n   n bytes of standard error
 * ```
 */
import { ByteReader, ByteWriter, compareBytes } from './bytes.ts'
import { BadEncodingError } from './errors.ts'

/** What a job wrote. */
export interface JobOutput {
  /** The code that the program gave to `exit`; -1 where it never got there, as the result's status says. */
  readonly exitCode: number
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

const MAGIC = Uint8Array.of(0x4d, 0x52, 0x4f, 0x55) // "MROU"
const VERSION = 1

/** Bytes that the encoding adds to standard output and standard error. */
export const OUTPUT_OVERHEAD = 20

/**
 * Encodes an output: always `OUTPUT_OVERHEAD` bytes longer than what it holds.
 *
 * @throws {BadEncodingError} for an exit code that does not fit a signed 32-bit integer
 */
export function encodeOutput(output: JobOutput): Uint8Array {
  if (output.exitCode !== (output.exitCode | 0)) {
    throw new BadEncodingError('output', `an exit code of ${output.exitCode} does not fit 32 bits`)
  }
  const writer = new ByteWriter('output')
  writer.raw(MAGIC)
  writer.u32(VERSION)
  writer.i32(output.exitCode)
  writer.sized(output.stdout)
  writer.sized(output.stderr)
  return writer.join()
}

/**
 * Decodes an output; contents are views of `bytes`, not copies.
 *
 * @throws {BadEncodingError} for anything that `encodeOutput` would not have written
 */
export function decodeOutput(bytes: Uint8Array): JobOutput {
  const reader = new ByteReader('output', bytes)
  if (compareBytes(reader.raw(4), MAGIC) !== 0) throw reader.refuse('it does not begin with "MROU"')
  const version = reader.u32()
  if (version !== VERSION) throw reader.refuse(`version ${version} is not known, only ${VERSION}`)
  const exitCode = reader.i32()
  const stdout = reader.sized()
  const stderr = reader.sized()
  reader.end()
  return { exitCode, stdout, stderr }
}
