/**
 * The host could not run the program to its end: V8 was out of memory, its own stack overflowed, or it refused
 * the code. That says nothing about the program, so there is no result to report.
 */
export class HostAbortError extends Error {
  override readonly name = 'HostAbortError'
  readonly code = 'host-abort'
  /** On another host, or on this one with more memory or a larger native stack. */
  readonly retryable = true
  readonly remedy =
    'Run it where more memory is free, in a thread that has NATIVE_STACK_BYTES of stack; a provider declines.'

  constructor(reason: string, options?: ErrorOptions) {
    super(`The host could not finish the run: ${reason}.`, options)
  }
}

/** Limits that no run can have. */
export class BadLimitsError extends Error {
  override readonly name = 'BadLimitsError'
  readonly code = 'bad-limits'
  readonly retryable = false
  readonly remedy = 'Give fuel from 0 to MAX_FUEL, and an output limit that is a whole number of bytes.'

  constructor(reason: string) {
    super(`Bad limits: ${reason}.`)
  }
}
