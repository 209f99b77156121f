import type { Readable, Writable } from 'node:stream'

/** What a command was started with and where it writes. */
export interface Session {
  readonly env: NodeJS.ProcessEnv
  /** The folder that the command was called in. */
  readonly cwd: string
  readonly stdin: Readable & { isTTY?: boolean }
  /** Data alone. */
  readonly stdout: Writable & { isTTY?: boolean; columns?: number }
  /** Progress and errors. */
  readonly stderr: Writable & { isTTY?: boolean }
  /** Ends when the user pressed Ctrl-C. */
  readonly interrupted: AbortSignal
}

/** Options that every command has. */
export interface GlobalOptions {
  json?: boolean
  quiet?: boolean
  matcher?: string
  keystore?: string
  passwordFile?: string
}

/** What a command answers: JSON for `--json`, lines for a person, and its exit code. */
export interface Answer {
  readonly json?: unknown
  readonly lines?: readonly string[]
  readonly exitCode?: number
}
