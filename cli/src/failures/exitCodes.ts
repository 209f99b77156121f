/**
 * What the exit code of `millrace` says. 0 to 99 are left to the programs that `millrace run` runs, but for the
 * two that every command line tool uses; 101 to 104 are 100 plus the status of the result.
 */
export const exitCodes = {
  ok: 0,
  /** Something that has no code of its own; the message says what. */
  failed: 1,
  /** The command line itself was wrong; nothing was done. */
  usage: 2,
  /** The program trapped. */
  trapped: 101,
  outOfFuel: 102,
  stackExhausted: 103,
  outputFull: 104,
  /** Program or input refused here, before anything was signed. */
  refused: 111,
  /** Nobody offers what was asked for. */
  noOffer: 112,
  /** Too little money that is free. */
  funds: 113,
  /** The job ended without a result: expired, cancelled, declined too often. */
  notDone: 114,
  /** The result is wrong; it was challenged. */
  wrongResult: 115,
  /** Matcher or chain away: the same command may work in a moment. */
  away: 116,
  /** The time given by `--timeout` is over; the job goes on. */
  waiting: 117,
  /** No key, or one that could not be opened. */
  key: 118,
  /** `millrace doctor` found something that stops work. */
  unhealthy: 119,
  /** Ctrl-C: detached, the job goes on. */
  detached: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Exit codes by the stable code of an error; what is not here exits with `failed`. */
const byErrorCode: Readonly<Record<string, ExitCode>> = {
  'key-on-command-line': exitCodes.usage,
  'bad-value': exitCodes.usage,
  'bad-amount': exitCodes.usage,
  'module-refused': exitCodes.refused,
  'bad-encoding': exitCodes.refused,
  'blob-too-large': exitCodes.refused,
  'file-unreadable': exitCodes.refused,
  'out-not-empty': exitCodes.refused,
  'compile-failed': exitCodes.refused,
  'no-offer': exitCodes.noOffer,
  'over-budget': exitCodes.noOffer,
  'insufficient-funds': exitCodes.funds,
  'order-expired': exitCodes.notDone,
  'order-cancelled': exitCodes.notDone,
  'job-failed': exitCodes.notDone,
  'wrong-result': exitCodes.wrongResult,
  'bad-result': exitCodes.wrongResult,
  network: exitCodes.away,
  'redis-unavailable': exitCodes.away,
  'database-unavailable': exitCodes.away,
  'chain-unavailable': exitCodes.away,
  'stack-down': exitCodes.away,
  timeout: exitCodes.waiting,
  'no-keystore': exitCodes.key,
  'no-password': exitCodes.key,
  'keystore-unreadable': exitCodes.key,
  'keystore-exists': exitCodes.key,
  detached: exitCodes.detached,
}

export function exitCodeOf(errorCode: string): ExitCode {
  return byErrorCode[errorCode] ?? exitCodes.failed
}

const byStatus = [
  exitCodes.trapped,
  exitCodes.outOfFuel,
  exitCodes.stackExhausted,
  exitCodes.outputFull,
] as const

/** The exit code for a result: the program's own if it exited. A shell sees eight bits of it, failure never as 0. */
export function exitCodeOfResult(status: number, programCode: number): number {
  if (status !== 0) return byStatus[status - 1] ?? exitCodes.failed
  const shown = programCode & 0xff
  return shown === 0 && programCode !== 0 ? 255 : shown
}
