import { buildProgram, ModuleRefusedError, type Program } from '@millrace/machine'
import { CliError } from '../failures/CliError.ts'

/** @throws {CliError} `module-refused`, with the facts apart from the sentence */
export function programOf(module: Uint8Array): Program {
  try {
    return buildProgram(module)
  } catch (cause) {
    if (!(cause instanceof ModuleRefusedError)) throw cause
    const { section, offset, reason, remedy } = cause
    const facts = { section, offset, reason }
    throw new CliError('module-refused', 'The machine does not take this module.', { remedy, facts, cause })
  }
}
