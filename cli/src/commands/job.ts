import { resolve } from 'node:path'
import {
  getJob,
  getJobLogs,
  getMarket,
  type JobView,
  listJobs,
  resume,
  type Token,
  whyNot,
} from '@millrace/sdk'
import { type JobState, jobStateSchema } from '@millrace/sdk/api'
import { addressOf, openClient, openReader } from '../config/openClient.ts'
import { CliError } from '../failures/CliError.ts'
import { cancel } from '../job/cancel.ts'
import { follow } from '../job/follow.ts'
import { prepareFolder } from '../job/writeFiles.ts'
import { parseId } from '../parse/parseId.ts'
import { parseCount, parseDuration } from '../parse/parseQuantity.ts'
import { describeJob, listJobs as jobLines } from '../show/job.ts'
import { describeWhy } from '../show/why.ts'
import { describeWhyNot } from '../show/whyNot.ts'
import { escapeTerminal } from '../terminal/escape.ts'
import type { Answer, GlobalOptions, Session } from '../terminal/Session.ts'
import type { Program } from './command.ts'

/** `millrace job list|show|why|wait|cancel|logs` */
export function addJob({ command, does }: Program): void {
  const job = command.command('job').description('look at jobs')
  does(
    job
      .command('list')
      .description('your jobs, newest first')
      .option('--state <state>', `one of ${jobStateSchema.options.join(', ')}`)
      .option('--limit <n>', 'at most so many', '20')
      .option('--everyone', 'of everybody, not only yours'),
    list,
  )
  does(job.command('show <job>').description('one job, and its way step by step'), show)
  does(
    job
      .command('why <job-or-order>')
      .description('why a job is where it is, or why an order is not matched, counted by reason'),
    why,
  )
  does(
    job
      .command('wait <order>')
      .description('come back to a job that was detached: wait, check, pay, and print what it wrote')
      .option(
        '-o, --out <dir>',
        'where to write the files that it makes in /out; an empty folder, or a new one',
      )
      .option('--timeout <time>', 'stop waiting after so long; the job goes on'),
    wait,
  )
  does(
    job
      .command('cancel <order>')
      .description('take a bid back that nobody has taken yet; a job that runs cannot be stopped')
      .option('--on-chain', 'cancel it in the contracts too: costs gas, and binds everybody'),
    cancel,
  )
  does(job.command('logs <job>').description('what the parts of the market wrote about a job'), logs)
}

interface ListOptions extends GlobalOptions {
  state?: string
  limit: string
  everyone?: boolean
}

async function list(session: Session, options: ListOptions): Promise<Answer> {
  const state = options.state === undefined ? undefined : parseState(options.state)
  const limit = parseCount(options.limit, '--limit', 1)
  const client = openReader(session, options)
  const account = options.everyone ? undefined : await addressOf(session, options, 'tasker')
  const [{ jobs, cursor }, { tokens }] = await Promise.all([
    listJobs(client, { account, state, limit }),
    getMarket(client),
  ])
  return {
    json: { ok: true, jobs: jobs.map(withoutBytes), cursor },
    lines: jobLines(jobs, tokens[0]!, Date.now()),
  }
}

async function show(session: Session, options: GlobalOptions, id = ''): Promise<Answer> {
  const client = openReader(session, options)
  const job = await getJob(client, { job: parseId(id, 'job') })
  return {
    json: { ok: true, job: withoutBytes(job) },
    lines: describeJob(job, await tokenOf(client)),
  }
}

async function why(session: Session, options: GlobalOptions, id = ''): Promise<Answer> {
  const client = openReader(session, options)
  const digest = parseId(id, 'job or order')
  const job = await getJob(client, { job: digest }).catch(unlessMissing)
  if (job) {
    const { state, reason } = job
    return { json: { ok: true, job: job.id, state, reason }, lines: describeWhy(job) }
  }
  const answer = await whyNot(client, { digest })
  return {
    json: { ok: true, order: digest, ...answer },
    lines: describeWhyNot(answer, await tokenOf(client)),
  }
}

async function wait(
  session: Session,
  options: GlobalOptions & { timeout?: string; out?: string },
  id = '',
): Promise<Answer> {
  const order = parseId(id, 'order')
  const out = options.out === undefined ? undefined : resolve(session.cwd, options.out)
  if (out !== undefined) prepareFolder(out)
  const timeout =
    options.timeout === undefined ? undefined : parseDuration(options.timeout, '--timeout') * 1000
  const { client } = await openClient(session, options, 'tasker')
  const token = await tokenOf(client)
  return follow(
    session,
    options,
    token,
    (onPhase) => resume(client, { order, timeout, signal: session.interrupted, onPhase }),
    { signed: order, out },
  )
}

async function logs(session: Session, options: GlobalOptions, id = ''): Promise<Answer> {
  const client = openReader(session, options)
  const { lines } = await getJobLogs(client, { job: parseId(id, 'job') })
  return {
    json: { ok: true, lines },
    lines: lines.map(({ at, from, text }) =>
      escapeTerminal(`${new Date(at).toISOString()}  ${from}  ${text}`),
    ),
  }
}

const tokenOf = async (client: Parameters<typeof getMarket>[0]): Promise<Token> =>
  (await getMarket(client)).tokens[0]!

function parseState(text: string): JobState {
  const parsed = jobStateSchema.safeParse(text)
  if (parsed.success) return parsed.data
  throw new CliError('bad-value', `--state: ${JSON.stringify(text)} is no state of a job.`, {
    remedy: `Write one of ${jobStateSchema.options.join(', ')}.`,
  })
}

/** An order's name reads like a job's; only the matcher can tell which it is. */
function unlessMissing(error: unknown): undefined {
  if ((error as { status?: number }).status === 404) return undefined
  throw error
}

/** Bytes have no place in JSON for people's scripts; `output` of the result names them. */
function withoutBytes({ input: _, result, ...job }: JobView): unknown {
  return result ? { ...job, result: { result: result.result, signature: result.signature } } : job
}
