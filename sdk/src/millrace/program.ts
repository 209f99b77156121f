/** A program by its bytes, built once however often it is run. */
import { buildProgram, type Program } from '@millrace/machine'
import { fromMachine } from '../errors/machine.ts'

const programs = new WeakMap<Uint8Array, Program>()

/** @throws {ProgramRefusedError} for what is no Wasm, or is not deterministic, or not supported */
export function programOf(bytes: Uint8Array): Program {
  const known = programs.get(bytes)
  if (known) return known
  try {
    const program = buildProgram(bytes)
    programs.set(bytes, program)
    return program
  } catch (error) {
    throw fromMachine(error)
  }
}
