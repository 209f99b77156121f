import type { CliCode } from './codes.ts'

/** An error of the command line itself, in the shape that every error of Millrace has. */
export class CliError extends Error {
  override readonly name = 'CliError'
  /** Stable: scripts may compare it. */
  readonly code: CliCode
  readonly facts: Readonly<Record<string, unknown>>
  /** What to do now. */
  readonly remedy: string
  /** Whether the same command can succeed if it is only repeated. */
  readonly retryable: boolean
  /** The facts as lines for a person, where `name: value` would not do. */
  readonly details: readonly string[] | undefined

  constructor(
    code: CliCode,
    message: string,
    about: {
      remedy: string
      facts?: Record<string, unknown>
      details?: readonly string[]
      retryable?: boolean
      cause?: unknown
    },
  ) {
    super(message, { cause: about.cause })
    this.code = code
    this.facts = about.facts ?? {}
    this.details = about.details
    this.remedy = about.remedy
    this.retryable = about.retryable ?? false
  }
}
