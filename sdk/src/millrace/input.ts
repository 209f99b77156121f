/** From what a caller writes to what a job reads. */
import { encodeInput } from '@millrace/machine'
import { fromMachine } from '../errors/machine.ts'

export interface InputOptions {
  /** Arguments after the program's name. */
  args?: readonly string[]
  /** What the program finds as its own name. */
  name?: string
  env?: Readonly<Record<string, string>>
  stdin?: string | Uint8Array
  /** Read-only files by absolute path. */
  files?: Readonly<Record<string, string | Uint8Array>>
  /** The clock at the start, nanoseconds since 1970; zero if left out, so that equal inputs are equal bytes. */
  clock?: bigint
  /** 32 bytes that all random numbers follow from; zeros if left out. */
  seed?: Uint8Array
}

const NAME = 'program'

/** @throws {MachineError} for what has no encoding: a NUL in an argument, a path that is not absolute */
export function inputBytes({
  args = [],
  name = NAME,
  env,
  stdin,
  files = {},
  clock,
  seed,
}: InputOptions): Uint8Array {
  try {
    return encodeInput({
      args: [name, ...args],
      env,
      stdin: stdin === undefined ? undefined : toBytes(stdin),
      files: Object.fromEntries(Object.entries(files).map(([path, content]) => [path, toBytes(content)])),
      clock,
      seed,
    })
  } catch (error) {
    throw fromMachine(error)
  }
}

function toBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content
}
