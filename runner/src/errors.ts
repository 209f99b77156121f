/** Why a job's process gave no result. None of these is ever signed: they depend on the host. */
export type AbortReason =
  | 'wall-time' // ran longer than the provider lets a job run
  | 'output-flood' // sent more than the job may put out
  | 'memory' // the kernel or V8 had no more
  | 'disk' // what it had put there did not come back
  | 'died' // ended for another reason
  | 'host-abort' // the machine itself said that the host could not go on
  | 'stopped' // whoever started it has no more use for it

/** The host could not run the job to an end. Another try in a fresh process, or another host, may. */
export class HostAbort extends Error {
  override readonly name = 'HostAbort'
  readonly code = 'host-abort'
  readonly retryable = true
  readonly reason: AbortReason
  readonly detail: string

  constructor(reason: AbortReason, detail: string) {
    super(`The job’s process was aborted (${reason}): ${detail}`)
    this.reason = reason
    this.detail = detail
  }
}

/** The machine refuses the module: the same bytes are refused everywhere, every time. */
export class ModuleRefused extends Error {
  override readonly name = 'ModuleRefused'
  readonly code = 'module-refused'
  readonly retryable = false
}
