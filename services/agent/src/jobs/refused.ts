/** Why a job is declined, as it is thrown up to where that is written down. */
import { HostAbort, ModuleRefused } from '@millrace/runner'
import type { DeclineReason, Refusal } from './check.ts'

export class Refused extends Error {
  override readonly name = 'Refused'
  readonly refusal: Refusal

  constructor(reason: DeclineReason, detail: string) {
    super(detail)
    this.refusal = { reason, detail }
  }
}

/** Why not, of whatever was thrown; nothing where another try may help. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refused) return error.refusal
  if (error instanceof ModuleRefused) return { reason: 'module-refused', detail: error.message }
  if (error instanceof HostAbort && error.reason !== 'stopped')
    return { reason: 'host-abort', detail: error.message }
  return undefined
}
