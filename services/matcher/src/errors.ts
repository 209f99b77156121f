import { type Facts, MillraceError } from '@millrace/sdk'
import type { RefusalCode } from './refusals.ts'

/** What the matcher answers instead of what was asked for: an error with its HTTP status. */
export class RefusedError extends MillraceError {
  override readonly name = 'RefusedError'
  readonly status: number

  constructor(status: number, code: RefusalCode, message: string, options: Options) {
    super(message, { code, retryable: false, ...options })
    this.status = status
  }
}

interface Options {
  remedy: string
  retryable?: boolean
  facts?: Facts
  cause?: unknown
}

type Known = 'blob' | 'dispute' | 'job' | 'lease' | 'order'

export const notFound = (what: Known, id: string) =>
  new RefusedError(404, `${what}-not-found`, `There is no ${what} ${id} here.`, {
    remedy: `Check the ${what}'s id, and that this matcher is the one that it was sent to.`,
    facts: { [what]: id },
  })

/** A part that the request needs is away. It is asked for again by itself; so should the caller. */
export class UnavailableError extends RefusedError {
  constructor(part: 'redis' | 'database' | 'chain', cause?: unknown) {
    super(503, `${part}-unavailable`, `The matcher's ${part} does not answer.`, {
      remedy: 'Send the same request again in a few seconds; nothing was changed.',
      retryable: true,
      cause,
    })
  }
}
