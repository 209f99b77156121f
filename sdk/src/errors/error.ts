/** The one base class: what happened, the facts, what to do now, and whether a retry helps. */

/** The page that explains every code, in the repository. */
const DOCS = 'docs/ERRORS.md'

export interface MillraceErrorOptions {
  /** Stable and machine-readable: `insufficient-funds`. */
  code: string
  /** What a person or a program can do now. */
  remedy: string
  /** Whether the same call may work later, with nothing changed by the caller. */
  retryable: boolean
  facts?: Facts
  cause?: unknown
}

export type Facts = Readonly<Record<string, unknown>>

export class MillraceError extends Error {
  override readonly name: string = 'MillraceError'
  readonly code: string
  readonly remedy: string
  readonly retryable: boolean
  readonly facts: Facts

  constructor(message: string, { code, remedy, retryable, facts = {}, cause }: MillraceErrorOptions) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.remedy = remedy
    this.retryable = retryable
    this.facts = facts
  }

  /** Where the error is explained. */
  get docs(): string {
    return `${DOCS}#${this.code}`
  }

  /** This error or the first of its causes that `matches`; without `matches`, the innermost cause. */
  walk(matches?: (error: unknown) => boolean): unknown {
    let error: unknown = this
    while (true) {
      if (matches?.(error)) return error
      const cause = error instanceof Error ? error.cause : undefined
      if (cause === undefined || cause === null) return matches ? undefined : error
      error = cause
    }
  }

  /** As JSON for logs and `--json`: bigint as decimal strings. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, remedy, retryable, facts, docs } = this
    return { name, code, message, remedy, retryable, facts: plain(facts), docs }
  }
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? item.toString() : item)))
}
