/** Errors of the machine, which knows nothing of the SDK's. */
import { BadEncodingError, BadLimitsError, HostAbortError, ModuleRefusedError } from '@millrace/machine'
import { MillraceError } from './error.ts'

type Cause = BadEncodingError | BadLimitsError | HostAbortError | ModuleRefusedError

/** What the machine refused or could not finish here, with its own code and remedy. */
export class MachineError extends MillraceError {
  override readonly name: string = 'MachineError'

  constructor(cause: Cause, facts: Record<string, unknown> = {}) {
    const { message, code, remedy, retryable } = cause
    super(message, { code, remedy, retryable, facts, cause })
  }
}

/** The program cannot run on any machine of this version: it is no Wasm, broken, or uses what is left out. */
export class ProgramRefusedError extends MachineError {
  override readonly name = 'ProgramRefusedError'

  constructor(cause: ModuleRefusedError) {
    const { section, offset, reason } = cause
    super(cause, { section, offset, reason })
  }
}

/** An error as the SDK throws it; what is not the machine's stays as it is. */
export function fromMachine(error: unknown): unknown {
  if (error instanceof ModuleRefusedError) return new ProgramRefusedError(error)
  const known = [BadEncodingError, BadLimitsError, HostAbortError].some((Class) => error instanceof Class)
  return known ? new MachineError(error as Cause) : error
}
