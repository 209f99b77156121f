import { resolve } from 'node:path'
import type { Agent } from '@millrace/agent'
import {
  createMillraceClient,
  formatAmount,
  getFunds,
  mostFuelOf,
  parseAmount,
  type Token,
} from '@millrace/sdk'
import { findToken } from '../config/findToken.ts'
import { openIdentity } from '../config/openClient.ts'
import { matcherUrl, providerFolder } from '../config/settings.ts'
import { formatMoment } from '../format/formatTime.ts'
import { parseCount, parseFuel, parsePercent, parseSize } from '../parse/parseQuantity.ts'
import { describeLogLine } from '../show/agentLog.ts'
import { write } from '../terminal/answer.ts'
import type { Answer, GlobalOptions, Session } from '../terminal/Session.ts'
import type { Program } from './command.ts'

interface ProvideOptions extends GlobalOptions {
  price: string
  collateral?: string
  token?: string
  cpu: string
  jobs: string
  memory: string
  capacity: string
  maxFuel?: string
  dataDir?: string
  jobFuel?: string
  tokenPerEther?: string
  lie?: boolean
}

/** A page of Wasm memory. */
const PAGE_BYTES = 65_536
/** How often it is looked whether the first offer stands. */
const LOOK_MS = 50

/** `millrace provide` */
export function addProvide({ command, does }: Program): void {
  does(
    command
      .command('provide')
      .description('offer this computer; runs until Ctrl-C, then finishes what it has begun')
      .requiredOption('--price <amount>', 'per gigafuel, such as 0.5')
      .option('--collateral <amount>', 'put up per gigafuel of a lease; else ten times the price')
      .option('--token <symbol>', "what it is paid in; else the market's first")
      .option('--cpu <percent>', 'share of one core for each job', '100%')
      .option('--jobs <n>', 'at the same time', '1')
      .option('--memory <size>', 'most memory of a job', '1GiB')
      .option('--capacity <fuel>', 'fuel offered in all', '10T')
      .option('--max-fuel <fuel>', 'largest job; else a tenth of the capacity, or what can be proven in time')
      .option('--job-fuel <fuel>', 'added to what each job uses: its flat price')
      .option(
        '--token-per-ether <amount>',
        "what an Ether is worth in the token: then no judge is accepted whose bonds do not pay a defence's gas",
      )
      .option('--data-dir <folder>', 'where the journal is kept; else .millrace/provider')
      .option('--lie', 'be dishonest, in a development stack where MILLRACE_DEV is 1'),
    provide,
  )
}

async function provide(session: Session, options: ProvideOptions): Promise<Answer> {
  const capacity = parseFuel(options.capacity, '--capacity')
  const maxFuel = options.maxFuel ? parseFuel(options.maxFuel, '--max-fuel') : undefined
  const jobFuel = options.jobFuel ? parseFuel(options.jobFuel, '--job-fuel') : 0n
  const memoryPages = Math.floor(parseSize(options.memory, '--memory') / PAGE_BYTES)
  const limits = {
    cpuShare: parsePercent(options.cpu, '--cpu') / 100,
    maxJobs: parseCount(options.jobs, '--jobs', 1),
  }
  const matcher = matcherUrl(session, options)
  const { account, key } = await openIdentity(session, options, 'provider')
  const rpcUrl = session.env.MILLRACE_RPC
  const reader = createMillraceClient({ matcher, account, rpcUrl })
  const dataDir = options.dataDir ? resolve(session.cwd, options.dataDir) : providerFolder(session, options)

  // Nobody else needs the agent's journal and jail: other commands start faster without them.
  const { DEFAULT_OFFER, makeLog, recallMarket, startAgent } = await import('@millrace/agent')
  // A contested result is defended though the matcher is away.
  await recallMarket(reader, dataDir, makeLog('error'))
  const token = await findToken(reader, options.token)
  const collateral = options.collateral ? { collateral: parseAmount(options.collateral, token) } : {}
  const { free } = await getFunds(reader, { token: token.address })
  const { maxDispute: disputeLimit, maxWindow: window } = DEFAULT_OFFER
  const most = mostFuelOf({ disputeLimit, window, memoryPages })
  const tenth = capacity / 10n
  const offer = { capacity, jobFuel, memoryPages, maxFuel: maxFuel ?? (tenth < most ? tenth : most) }
  const agent = await startAgent({
    ...{ matcher, account, key, rpcUrl },
    dataDir,
    token: token.address,
    ...(options.tokenPerEther && { tokenPerEther: parseAmount(options.tokenPerEther, token) }),
    offer: { ...offer, price: parseAmount(options.price, token), ...collateral },
    ...limits,
    lie: options.lie,
    log: makeLog(
      options.quiet ? 'warn' : 'info',
      isWatched(session, options) ? forPeople(session, token) : undefined,
    ),
    signal: session.interrupted,
  })
  const say = (line: string) => session.stderr.write(`${line}\n`)
  if (free === 0n) {
    say(
      `No ${token.symbol} is free for collateral, and nothing is offered without: \`millrace funds deposit AMOUNT\`.`,
    )
  }
  const status = await firstOffer(agent, session.interrupted)
  if (status?.offer.ask) {
    const told = { account: account.address, ask: status.offer.ask, free, jail: status.jail }
    await tell(
      session,
      options,
      told,
      `Offering as ${account.address}; free for collateral: ${formatAmount(free, token)}.`,
    )
    if (!options.quiet) say('Ctrl-C finishes what has begun and ends; twice ends at once.')
  }
  await agent.drained
  const { leases, jobs, defence } = agent.status()
  const now = Math.floor(Date.now() / 1_000)
  return {
    json: { ok: true, ran: jobs.ran, declined: jobs.declined, pending: leases, games: defence.games },
    lines: [
      `Ended after ${jobs.ran} ${jobs.ran === 1 ? 'job' : 'jobs'}.`,
      ...defence.games.map(({ case: id, lease, index, next }) => {
        const clock = next?.by === 'provider' ? ` by ${formatMoment(Number(next.until), now)}` : ''
        return `Result ${index} of lease ${lease} is contested (case ${id}): start again${clock}, or it is lost.`
      }),
      ...leases.map(
        ({ lease, waitsFor }) => `Lease ${lease} still waits for ${waitsFor}: start again to look after it.`,
      ),
    ],
  }
}

/** Whether a person reads the log as it is written: programs and files get JSON. */
const isWatched = ({ stdout, stderr }: Session, { json }: GlobalOptions): boolean =>
  !json && stdout.isTTY === true && stderr.isTTY === true

const forPeople = ({ stderr }: Session, token: Token) => ({
  write: (line: string) => void stderr.write(`${describeLogLine(line.trimEnd(), token)}\n`),
})

/** One line of JSON, or a sentence, on stdout: whoever started this waits for it. */
async function tell(session: Session, options: GlobalOptions, json: unknown, line: string): Promise<void> {
  await write(session.stdout, `${options.json ? JSON.stringify(json, decimal) : line}\n`)
}

const decimal = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value)

/** Resolves when the first offer stands, or with nothing when the user had enough before. */
async function firstOffer(
  agent: Agent,
  signal: AbortSignal,
): Promise<ReturnType<Agent['status']> | undefined> {
  while (!signal.aborted) {
    const status = agent.status()
    const { ask, remaining, problem } = status.offer
    if (ask && remaining !== undefined && problem === undefined) return status
    await new Promise((done) => setTimeout(done, LOOK_MS))
  }
  return undefined
}
