/** A part of the stack ended, or never came up. Its last words are in the message. */
export class PartFailedError extends Error {
  override readonly name = 'PartFailedError'
  readonly code = 'part-failed'
  readonly retryable = true
  readonly remedy: string
  readonly facts: Readonly<Record<string, unknown>>

  constructor(part: string, reason: string, logFile: string, lastLines: readonly string[]) {
    const words = lastLines.length > 0 ? `. Its log ends with:\n${lastLines.join('\n')}` : '.'
    super(`The ${part} ${reason}${words}`)
    this.facts = { part, log: logFile }
    this.remedy = `Read the whole log: ${logFile}`
  }
}

/** Something else listens where a part should. */
export class PortBusyError extends Error {
  override readonly name = 'PortBusyError'
  readonly code = 'port-busy'
  readonly retryable = false
  readonly remedy: string
  readonly facts: Readonly<Record<string, unknown>>

  constructor(part: string, port: number, option: string) {
    super(`Port ${port} on 127.0.0.1, which the ${part} wants, is taken by another program.`)
    this.facts = { part, port }
    this.remedy =
      `See who it is with \`ss -ltnp 'sport = :${port}'\` and end it, or choose another port: ` +
      `npm start -- ${option} ${port + 100} (0 takes any that is free).`
  }
}

/** Two stacks cannot share one folder. */
export class StackRunningError extends Error {
  override readonly name = 'StackRunningError'
  readonly code = 'stack-running'
  readonly retryable = false
  readonly remedy: string
  readonly facts: Readonly<Record<string, unknown>>

  constructor(pid: number, folder: string) {
    super(`A stack runs in ${folder} already (process ${pid}).`)
    this.facts = { pid, folder }
    this.remedy = `Use it as it is: \`npx millrace doctor\`. To start afresh, end it first: kill ${pid}`
  }
}
