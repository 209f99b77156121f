import {
  formatAmount,
  type JobReport,
  type OnPhase,
  type Phase,
  type Token,
  type WrongResult,
  type WrongResultError,
} from '@millrace/sdk'
import type { Hex } from 'viem'
import { CliError } from '../failures/CliError.ts'
import { exitCodeOfResult } from '../failures/exitCodes.ts'
import { formatFuel } from '../format/formatFuel.ts'
import { STATUS_WORDS } from '../show/job.ts'
import { describePhase, statusCode } from '../show/phase.ts'
import { write } from '../terminal/answer.ts'
import { escapeBytes, escapeTerminal } from '../terminal/escape.ts'
import type { Answer, GlobalOptions, Session } from '../terminal/Session.ts'
import { explainCost } from './explainCost.ts'
import { writeFiles } from './writeFiles.ts'

/** Follows a job on stderr, and gives its output when it is there. */
export async function follow(
  session: Session,
  options: GlobalOptions,
  token: Token,
  start: (onPhase: OnPhase) => Promise<JobReport>,
  /** The bid, where it was signed before; the folder for the files that the program makes. */
  { signed, out }: { signed?: Hex; out?: string | undefined } = {},
): Promise<Answer> {
  const phases: Phase[] = []
  try {
    const report = await start((phase) => {
      phases.push(phase)
      if (!options.quiet) session.stderr.write(`${describePhase(phase, token)}\n`)
    })
    if (out !== undefined) writeFiles(out, report)
    return await answerOf(
      session,
      { ...options, out, order: orderOf(phases) ?? signed },
      report,
      phases,
      token,
    )
  } catch (error) {
    throw explainEnd(error, { session, token, order: orderOf(phases) ?? signed })
  }
}

async function answerOf(
  session: Session,
  options: GlobalOptions & { out: string | undefined; order: string | undefined },
  report: JobReport,
  phases: readonly Phase[],
  token: Token,
): Promise<Answer> {
  const { stdout, stderr } = report.output
  const exitCode = exitCodeOfResult(statusCode(report.status), report.exitCode)
  if (options.json) {
    const { output: _, files, ...rest } = report
    const filesBase64 = Object.fromEntries(
      Object.entries(files).map(([path, each]) => [path, toBase64(each)]),
    )
    const bytes = { stdoutBase64: toBase64(stdout), stderrBase64: toBase64(stderr), filesBase64 }
    return { json: { ok: true, ...rest, ...bytes, symbol: token.symbol, phases }, exitCode }
  }
  await write(session.stderr, shown(stderr, session.stderr.isTTY))
  await write(session.stdout, shown(stdout, session.stdout.isTTY))
  // On a terminal both streams share a line.
  const isCut = session.stdout.isTTY && stdout.length > 0 && stdout.at(-1) !== LINE_END
  if (isCut && !options.quiet) await write(session.stderr, '\n')
  if (report.status !== 'exited' && !options.quiet) {
    await write(session.stderr, `millrace: ${escapeTerminal(describeEnd(report))}\n`)
  }
  const count = Object.keys(report.files).length + report.folders.length
  if (count > 0 && !options.quiet) {
    await write(session.stderr, `millrace: ${describeFiles(count, options.out, options.order)}\n`)
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

const LINE_END = 10

/** Where the files are that the program made, or how to get them. */
function describeFiles(count: number, out: string | undefined, order: string | undefined): string {
  const files = count === 1 ? '1 file' : `${count} files`
  if (out !== undefined) return `${files} from /out in ${out}.`
  const again = order
    ? `\`millrace job wait ${order} --out DIR\` writes them`
    : '`--out DIR` would write them'
  return `the program left ${files} in /out; ${again}.`
}

/** What would let it come further, or what may have happened. */
const HINTS: Readonly<Record<Exclude<JobReport['status'], 'exited'>, string>> = {
  trapped:
    'it did what no program may, such as reaching `unreachable`, dividing by zero or leaving its memory',
  'out-of-fuel': 'give it more with --fuel',
  'stack-exhausted': 'it calls itself too deeply',
  'output-full': 'give it more room with --output-max',
}

function describeEnd({ status, trap, fuelUsed }: JobReport): string {
  const how = `the program ${STATUS_WORDS[statusCode(status)]} after ${formatFuel(fuelUsed)}`
  if (status === 'exited') return how
  return trap ? `${how}; why: ${trap}, as the provider says.` : `${how}: ${HINTS[status]}.`
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
  if (code === 'wrong-result') return explainWrong(error as WrongResultError)
  return explainCost(error, token)
}

function nextOf(job: Hex, caseId: Hex | undefined, verdict: WrongResult['verdict']): string {
  if (!caseId && verdict === 'guilty')
    return 'Nothing is left to do: somebody else proved it first, and your money is back, with your share of the collateral. Run it again.'
  if (!caseId)
    return 'Nothing is paid for it. `--verify` challenges a wrong result with a bond out of your free funds.'
  switch (verdict) {
    case 'guilty':
      return `Nothing is left to do: your money is back, with your share of the collateral. Run it again; \`millrace dispute show ${caseId}\` shows the case.`
    case 'moot':
      return `Your bond is back. \`millrace job show ${job}\` tells how it ended: where somebody else proved it first, it is slashed, and your money is back, with your share of the collateral.`
    default:
      return `\`millrace dispute show ${caseId}\` tells how the case is ruled; a guilty verdict gives your money back, and more.`
  }
}

/** Two results in a few words instead of their documents. */
function explainWrong(error: WrongResultError): CliError {
  const { job, provider, caseId, verdict } = error.facts as unknown as WrongResult
  return new CliError('wrong-result', error.message, {
    remedy: nextOf(job, caseId, verdict),
    facts: { ...error.facts },
    details: [`job: ${job}`, `provider: ${provider}`, ...(caseId ? [`case: ${caseId}`] : [])],
    cause: error,
  })
}
