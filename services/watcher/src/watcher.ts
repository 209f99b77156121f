/** A watcher at work: hears of results, runs them again, challenges the wrong ones, plays its games, and is paid. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createRunner, describeJail, jailLayers } from '@millrace/runner'
import { createMillraceClient, getChain, type JobView } from '@millrace/sdk'
import pino, { type Logger } from 'pino'
import type { Address, Hex } from 'viem'
import { check } from './check.ts'
import { settle, type WatcherConfig } from './config.ts'
import { isDrawn } from './draw.ts'
import { followResults, listResults } from './events.ts'
import { type Lie, openJournal, type ResultState } from './journal/journal.ts'
import { createLanes } from './lanes.ts'
import { knowMarket } from './market.ts'
import { createPatience } from './patience.ts'
import { pause } from './pause.ts'
import { pursue } from './pursue.ts'

export interface WatcherStatus {
  readonly account: Address
  readonly state: 'watching' | 'stopping' | 'stopped'
  /** What stands between jobs and this computer, a sentence a layer. */
  readonly jail: readonly string[]
  /** Results by what is known of them, over all starts with this journal. */
  readonly results: Readonly<Partial<Record<ResultState, number>>>
  /** Wrong results for which something is left to do. */
  readonly lies: readonly OpenLie[]
}

export interface OpenLie {
  readonly job: Hex
  readonly state: Lie['state']
  readonly case?: Hex
  readonly provider: Address
}

export interface Watcher {
  /** Takes nothing new and leaves its games: the next start with the same journal goes on with them. */
  stop(): Promise<void>
  /** Resolves when it has stopped; rejects where it could not go on. */
  readonly stopped: Promise<void>
  status(): WatcherStatus
}

/** How often what is open is looked at where nothing was told. Milliseconds. */
const LOOK_MS = 2_000
/** Results that wait in memory to be looked at; the others wait in the journal. */
const MOST_WAITING = 1_000

/**
 * Starts a watcher; resolves when its journal is open and the chain has answered, and the matcher where it is the first
 * start: open games are played without it.
 */
export async function startWatcher(config: WatcherConfig): Promise<Watcher> {
  const settings = settle(config)
  const log = config.log ?? makeLog()
  const account = config.account.address.toLowerCase() as Address
  const { matcher, rpcUrl } = config
  const client = createMillraceClient({ matcher, account: config.account, rpcUrl })
  const journal = openJournal(config.dataDir)
  try {
    await knowMarket(client, journal, log)
    await getChain(client)
  } catch (error) {
    journal.close()
    throw error
  }
  const lot = { share: settings.share, seed: config.seed ?? secretOf(journal) }
  const { jobs, memoryPages, cpuShare, wallMs } = settings
  const runner = createRunner({ maxJobs: jobs, maxWarm: 0, memoryPages, cpuShare, wallMs })
  const jail = describeJail()
  for (const { name, on, says, remedy } of jailLayers()) if (!on) log.warn({ layer: name, remedy }, says)
  log.info({ account, share: settings.share, jail }, 'watching')

  const working = new AbortController()
  const { signal } = working
  const patience = createPatience()
  const failed = (job: string, error: unknown) => {
    if (signal.aborted) return
    log.warn({ job, err: error, seconds: patience.fail(job) }, 'this did not work; trying again')
  }
  const checks = createLanes(jobs, failed)
  const games = createLanes(jobs, failed)
  const told = new Set<Hex>()
  const otherwise = new Set<Hex>()
  const tracesDir = join(config.dataDir, 'traces')
  const deps = { client, account, journal, runner, log, signal, told, otherwise, tracesDir, ...settings }

  const onResult = ({ id, provider, result }: JobView) => {
    if (!result || provider === account || journal.stateOf(id)) return
    if (!isDrawn(id, lot)) return void journal.hear(id, 'skipped', 'not drawn')
    journal.hear(id, 'drawn')
    startCheck(id)
  }
  const startCheck = (ticket: Hex) =>
    checks.add(ticket, async () => {
      if (signal.aborted) return
      await check(ticket, deps)
      if (journal.stateOf(ticket) === 'wrong') games.add(ticket, () => workAt(ticket))
    })
  const workAt = async (ticket: Hex) => {
    if (!signal.aborted) await pursue(ticket, deps)
  }
  /** Sees that whatever is open has somebody who works at it. */
  const look = () => {
    for (const ticket of journal.drawn(MOST_WAITING)) if (patience.isOver(ticket)) startCheck(ticket)
    for (const { ticket, state } of journal.lies()) {
      if (!patience.isOver(ticket)) continue
      // A bond is at stake, and a clock runs. What is not contested yet can wait for a place.
      if (state !== 'wrong') games.hurry(ticket, () => workAt(ticket))
      else games.add(ticket, () => workAt(ticket))
    }
  }

  let state: WatcherStatus['state'] = 'watching'
  const liesNow = () =>
    journal.lies().map(({ ticket, state, caseId, papers }) => ({
      ...{ job: ticket, state, provider: papers.terms.provider },
      ...(caseId ? { case: caseId } : {}),
    }))
  const now = () => ({ results: journal.counts(), lies: liesNow() })
  let last: Pick<WatcherStatus, 'results' | 'lies'> | undefined

  const end = async () => {
    state = 'stopping'
    working.abort()
    checks.clear()
    games.clear()
    await runner.close()
    await Promise.all([checks.idle(), games.idle(), looking])
    last = now()
    journal.close()
    state = 'stopped'
    if (failure) throw failure
    log.info({ open: last.lies.length }, 'stopped')
  }
  const stopped = Promise.withResolvers<void>()
  let _stopping: Promise<void> | undefined
  const stop = () => {
    _stopping ??= end().then(stopped.resolve, stopped.reject)
    return stopped.promise
  }

  const keepLooking = async () => {
    while (!signal.aborted) {
      try {
        look()
      } catch (error) {
        log.error({ err: error }, 'the journal could not be read; trying again')
      }
      await pause(LOOK_MS, signal).catch(() => {})
    }
  }
  /** Every result that is there, and every game to its end. */
  const lookOnce = async () => {
    await listResults({ client, onResult }, signal)
    look()
    await checks.idle()
    for (;;) {
      look()
      await games.idle()
      // What waits for money or for others waits longer than this.
      if (signal.aborted || journal.lies().every(({ state }) => state === 'wrong')) return
      await pause(LOOK_MS, signal).catch(() => {})
    }
  }
  let failure: unknown
  const looking = (config.once ? lookOnce() : keepLooking()).catch((error: unknown) => {
    // What was given up for the end is no failure.
    if (!signal.aborted) failure = error
  })
  if (config.once) void looking.then(stop)
  else followResults({ client, journal, log, onResult }, signal)
  config.signal?.addEventListener('abort', () => void stop(), { once: true })
  if (config.signal?.aborted) void stop()

  return {
    stop,
    stopped: stopped.promise,
    status: () => ({ account, state, jail, ...(last ?? now()) }),
  }
}

/** What the draw depends on, made once a journal. */
function secretOf(journal: ReturnType<typeof openJournal>): string {
  const known = journal.note('seed')
  if (known) return known
  const seed = randomBytes(32).toString('hex')
  journal.setNote('seed', seed)
  return seed
}

/** JSON lines, on standard error unless told otherwise: standard output is data. */
export function makeLog(level = 'info', to?: { write(line: string): void }): Logger {
  const options = { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime }
  return pino(options, to ?? pino.destination({ fd: 2, sync: false }))
}
