import type { Program } from '../program.ts'
import { HostAbortError } from './errors.ts'

/**
 * Compiles the canonical program, once for any number of runs.
 *
 * @throws {HostAbortError} where this engine has limits of its own that the program goes beyond
 */
export async function compile(program: Program): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(program.canonical as Uint8Array<ArrayBuffer>)
  } catch (cause) {
    throw new HostAbortError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
