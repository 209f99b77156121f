/** A step of the tour did not come out as it must. */
export class TourFailedError extends Error {
  override readonly name = 'TourFailedError'
  readonly code = 'tour-failed'
  readonly retryable = false
  readonly remedy = 'Look into the logs in .millrace/stack/logs; something is wrong with this version.'
  readonly facts: Readonly<Record<string, unknown>>

  constructor(what: string, facts: Readonly<Record<string, unknown>>) {
    super(`It must be that ${what}, and it is not.`)
    this.facts = facts
  }
}

/** Says what must hold; the tour ends where it does not. */
export function must(what: string, holds: boolean, facts: Readonly<Record<string, unknown>> = {}): void {
  if (!holds) throw new TourFailedError(what, facts)
}
