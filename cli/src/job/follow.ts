import { formatAmount, type JobReport, type OnPhase, type Phase, type Token } from '@millrace/sdk'
import type { Hex } from 'viem'
import { CliError } from '../failures/CliError.ts'
import { exitCodeOfResult } from '../failures/exitCodes.ts'
import { formatFuel } from '../format/formatFuel.ts'
import { describePhase, statusCode } from '../show/phase.ts'
import { write } from '../terminal/answer.ts'
import { escapeBytes } from '../terminal/escape.ts'
import type { Answer, GlobalOptions, Session } from '../terminal/Session.ts'
import { explainCost } from './explainCost.ts'

/** Follows a job on stderr, and gives its output when it is there. */
export async function follow(
  session: Session,
  options: GlobalOptions,
  token: Token,
  start: (onPhase: OnPhase) => Promise<JobReport>,
  /** The bid, where it was signed before. */
  signed?: Hex,
): Promise<Answer> {
  const phases: Phase[] = []
  try {
    const report = await start((phase) => {
      phases.push(phase)
      if (!options.quiet) session.stderr.write(`${describePhase(phase, token)}\n`)
    })
    return await answerOf(session, options, report, phases, token)
  } catch (error) {
    throw explainEnd(error, { session, token, order: orderOf(phases) ?? signed })
  }
}

async function answerOf(
  session: Session,
  options: GlobalOptions,
  report: JobReport,
  phases: readonly Phase[],
  token: Token,
): Promise<Answer> {
  const { stdout, stderr } = report.output
  const exitCode = exitCodeOfResult(statusCode(report.status), report.exitCode)
  if (options.json) {
    const { output: _, ...rest } = report
    const bytes = { stdoutBase64: toBase64(stdout), stderrBase64: toBase64(stderr) }
    return { json: { ok: true, ...rest, ...bytes, symbol: token.symbol, phases }, exitCode }
  }
  await write(session.stderr, shown(stderr, session.stderr.isTTY))
  await write(session.stdout, shown(stdout, session.stdout.isTTY))
  if (report.status !== 'exited' && !options.quiet) {
    await write(session.stderr, `millrace: ${report.status}, after ${formatFuel(report.fuelUsed)}\n`)
  }
  if (!report.settled && !options.quiet) {
    const amount = formatAmount(report.paid, token)
    await write(
      session.stderr,
      `millrace: ${amount} are agreed; the payment is not on chain yet and will be.\n`,
    )
  }
  return { exitCode }
}

/** Bytes exactly for a pipe, made harmless for a terminal. */
const shown = (bytes: Uint8Array, isTerminal: boolean | undefined): Uint8Array | string =>
  isTerminal ? escapeBytes(bytes) : bytes

const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

const orderOf = (phases: readonly Phase[]): string | undefined =>
  phases.findLast(({ phase }) => phase === 'signed')?.facts.order as string | undefined

interface Ending {
  readonly session: Session
  readonly token: Token
  /** The bid, if it was signed. */
  readonly order: string | undefined
}

/** Adds to an error what only the command knows: how to come back, and amounts with their unit. */
function explainEnd(error: unknown, { session, token, order }: Ending): unknown {
  const { code } = error as { code?: string }
  const comeBack = `Come back with \`millrace job wait ${order}\`.`
  if (session.interrupted.aborted) {
    return order
      ? new CliError('detached', 'Detached; the job goes on.', { remedy: comeBack, facts: { order } })
      : new CliError('detached', 'Stopped before anything was signed; nothing is locked.', {
          remedy: 'Start again.',
        })
  }
  if (code === 'timeout' && order) {
    const message = 'The time is over; the job goes on.'
    return new CliError('timeout', message, {
      remedy: comeBack,
      facts: { order },
      retryable: true,
      cause: error,
    })
  }
  return explainCost(error, token)
}
