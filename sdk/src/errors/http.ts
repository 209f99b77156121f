/** Errors on the way to the matcher and to the chain's node. */
import type { Problem } from '../api/problem.ts'
import { MillraceError } from './error.ts'

/** The matcher refused, and says why: code, facts and remedy are its own. */
export class ProblemError extends MillraceError {
  override readonly name = 'ProblemError'
  /** HTTP status. */
  readonly status: number

  constructor({ status, code, detail, title, facts, remedy, retryable }: Problem) {
    super(detail || title, { code, facts, remedy, retryable })
    this.status = status
  }
}

/** No answer: the matcher or the node is away, or something stands between. */
export class NetworkError extends MillraceError {
  override readonly name = 'NetworkError'

  constructor(facts: { url: string }, cause?: unknown) {
    super(`No answer from ${facts.url}.`, {
      code: 'network',
      retryable: true,
      remedy: 'Check the address and the connection; the same call may be sent again at no risk.',
      facts,
      cause,
    })
  }
}

/** An answer that is not what the API says: another version, or something that is no matcher. */
export class BadResponseError extends MillraceError {
  override readonly name = 'BadResponseError'

  constructor(facts: { url: string; status: number; issue: string }, cause?: unknown) {
    super(`${facts.url} answered ${facts.status} with something unexpected: ${facts.issue}.`, {
      code: 'bad-response',
      retryable: facts.status >= 500,
      remedy: 'Check that the address is a matcher, and that both sides run the same version.',
      facts,
      cause,
    })
  }
}

/** Waiting took longer than the caller allowed. What was waited for may still happen. */
export class TimeoutError extends MillraceError {
  override readonly name = 'TimeoutError'

  constructor(facts: { what: string; ms: number }) {
    super(`${facts.what} took longer than ${facts.ms} ms.`, {
      code: 'timeout',
      retryable: true,
      remedy: 'Wait again, with a longer `timeout`: nothing was cancelled.',
      facts,
    })
  }
}
