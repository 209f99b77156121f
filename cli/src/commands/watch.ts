import { resolve } from 'node:path'
import { createMillraceClient, formatAmount, getFunds, parseAmount, type Token } from '@millrace/sdk'
import type { WatcherStatus } from '@millrace/watcher'
import { findToken } from '../config/findToken.ts'
import { openIdentity } from '../config/openClient.ts'
import { matcherUrl, watcherFolder } from '../config/settings.ts'
import { groupThousands } from '../format/groupThousands.ts'
import {
  parseCount,
  parseDuration,
  parseFuel,
  parsePercent,
  parseShare,
  parseSize,
} from '../parse/parseQuantity.ts'
import { describeLogLine } from '../show/agentLog.ts'
import { write } from '../terminal/answer.ts'
import type { Answer, GlobalOptions, Session } from '../terminal/Session.ts'
import type { Program } from './command.ts'

interface WatchOptions extends GlobalOptions {
  share: string
  seed?: string
  maxFuel: string
  maxRun: string
  memory: string
  cpu: string
  jobs: string
  arbiters?: boolean
  tokenPerEther?: string
  token?: string
  dataDir?: string
  once?: boolean
}

/** A page of Wasm memory. */
const PAGE_BYTES = 65_536

/** `millrace watch` */
export function addWatch({ command, does }: Program): void {
  does(
    command
      .command('watch')
      .description('run others\u2019 results again, challenge the wrong ones and prove it; until Ctrl-C')
      .option('--share <percent>', 'of all results, such as 2.5%', '100%')
      .option('--seed <text>', 'what the draw depends on; else a secret that the journal keeps')
      .option('--max-fuel <fuel>', 'leave results alone that say they used more', '1T')
      .option('--max-run <time>', 'longest run of one job', '1h')
      .option('--memory <size>', 'most memory of a job', '1GiB')
      .option('--cpu <percent>', 'share of one core for each run', '100%')
      .option('--jobs <n>', 'results run again at a time, and games played at a time', '1')
      .option('--arbiters', 'challenge too where an arbiter judges')
      .option('--token-per-ether <amount>', 'what an Ether is worth: no challenge that does not pay its gas')
      .option('--token <symbol>', "of amounts here; else the market's first")
      .option('--data-dir <folder>', 'where the journal is kept; else .millrace/watcher')
      .option('--once', 'look at the results that wait to be paid, play to the end, and end'),
    watch,
  )
}

async function watch(session: Session, options: WatchOptions): Promise<Answer> {
  const limits = {
    share: parseShare(options.share, '--share'),
    seed: options.seed,
    maxFuel: parseFuel(options.maxFuel, '--max-fuel'),
    maxRunSeconds: parseDuration(options.maxRun, '--max-run'),
    memoryPages: Math.floor(parseSize(options.memory, '--memory') / PAGE_BYTES),
    cpuShare: parsePercent(options.cpu, '--cpu') / 100,
    jobs: parseCount(options.jobs, '--jobs', 1),
  }
  const matcher = matcherUrl(session, options)
  const { account } = await openIdentity(session, options, 'provider')
  const rpcUrl = session.env.MILLRACE_RPC
  const reader = createMillraceClient({ matcher, account, rpcUrl })
  const dataDir = options.dataDir ? resolve(session.cwd, options.dataDir) : watcherFolder(session, options)

  // Nobody else needs the watcher's journal and jail: other commands start faster without them.
  const { makeLog, recallMarket, startWatcher } = await import('@millrace/watcher')
  // Open games are played on though the matcher is away.
  await recallMarket(reader, dataDir, makeLog('error'))
  const token = await findToken(reader, options.token)
  const tokenPerEther =
    options.tokenPerEther === undefined ? undefined : parseAmount(options.tokenPerEther, token)
  const { free } = await getFunds(reader, { token: token.address })
  const watcher = await startWatcher({
    ...{ matcher, account, rpcUrl, tokenPerEther, ...limits },
    dataDir,
    arbiters: options.arbiters,
    once: options.once,
    log: makeLog(
      options.quiet ? 'warn' : 'info',
      isWatched(session, options) ? forPeople(session, token) : undefined,
    ),
    signal: session.interrupted,
  })
  const { jail, lies } = watcher.status()
  if (options.json && !options.once) {
    const told = { account: account.address, watching: true, share: limits.share, free, jail, lies }
    await write(session.stdout, `${JSON.stringify(told, decimal)}\n`)
  } else if (!options.json) {
    const open = lies.length > 0 ? ` ${lies.length} wrong results are left from before.` : ''
    await write(
      session.stdout,
      `Watching as ${account.address}; free for bonds: ${formatAmount(free, token)}.${open}\n`,
    )
    if (free === 0n) {
      const remedy = '`millrace funds deposit AMOUNT`'
      session.stderr.write(
        `No ${token.symbol} is free for a bond, and no result is challenged without: ${remedy}.\n`,
      )
    }
    if (!options.quiet && !options.once) {
      session.stderr.write('Ctrl-C ends; games that are open go on at the next start.\n')
    }
  }
  await watcher.stopped
  const status = watcher.status()
  return { json: { ok: true, results: status.results, lies: status.lies }, lines: endLines(status) }
}

function endLines({ results, lies }: WatcherStatus): string[] {
  const count = (...states: (keyof typeof results)[]) =>
    groupThousands(String(states.reduce((sum, state) => sum + (results[state] ?? 0), 0)))
  const wrong = count('wrong', 'challenging', 'playing', 'over')
  return [
    ...(results.drawn ? [`${count('drawn')} results are still to be run again.`] : []),
    `In all: ${count('right')} right, ${wrong} wrong, ${count('skipped')} left alone, ${count('unknown')} not to be run again.`,
    ...lies.map(({ job, case: id, state }) =>
      state === 'wrong'
        ? `Job ${job} is wrong and not challenged yet: start again before its window ends.`
        : `Case ${id ?? `over job ${job}`} is open, and its clock runs: start again to play it to its end.`,
    ),
  ]
}

/** Whether a person reads the log as it is written: programs and files get JSON. */
const isWatched = ({ stdout, stderr }: Session, { json }: GlobalOptions): boolean =>
  !json && stdout.isTTY === true && stderr.isTTY === true

const forPeople = ({ stderr }: Session, token: Token) => ({
  write: (line: string) => void stderr.write(`${describeLogLine(line.trimEnd(), token)}\n`),
})

const decimal = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value)
