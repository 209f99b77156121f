import type { JobInput } from '../io/input.ts'

/**
 * What WASI stands on besides the input: output write and halt, and the fuel that work done on a program's
 * behalf costs. A later edition links WASI into the program, over these and over reading the input's bytes.
 */
export interface Host {
  /** Appends to the output; ends the run if the output is full. */
  write(stream: 'stdout' | 'stderr', bytes: Uint8Array): void
  /** Ends the run with an exit code. */
  halt(exitCode: number): never
  /** Ends the run as a trap, for the reason given in words. */
  trap(reason: string): never
  /** Takes units of fuel; ends the run if there are too few. */
  charge(units: number): void
  /** The program's memory, once there is an instance that has one. */
  memory(): WebAssembly.Memory | undefined
}

/**
 * Prices of host work in units of fuel, a unit being about one Wasm instruction. Set by measuring each call at
 * its worst (Node 24): none does more than a nanosecond's work for a unit, as an empty loop does.
 *
 * They are part of every result: changing one makes another version of the machine.
 */
export const PRICE = {
  /** Any call: crossing into the host and back, finding the descriptor, failing. */
  call: 1_000,
  /** A byte copied between the host and the program. */
  byte: 1,
  /** Before the program starts: a byte of its input. */
  inputByte: 1,
  /** The same: an argument, a variable or a file in its input. */
  inputEntry: 1_000,
  /** A part of a scattered read or write, a subscription, an argument or a variable. */
  item: 400,
  /** A byte of a path: decoded and split. */
  pathByte: 50,
  /** A name in a path, or an entry of a folder: searched for among all files. */
  name: 4_000,
  /** A byte of output: copied twice, hashed into the commitment. */
  outputByte: 30,
  /** A random byte: each 32 take one keccak-256. */
  randomByte: 100,
} as const

/** Fuel that decoding an input costs before the first instruction. */
export function inputPrice(input: JobInput, length: number): number {
  const lists = [input.args, Object.keys(input.env), Object.keys(input.files)]
  const entries = lists.reduce((sum, list) => sum + list.length, 0)
  return length * PRICE.inputByte + entries * PRICE.inputEntry
}
