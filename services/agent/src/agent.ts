/** A provider at work: offers, takes jobs, runs them, looks after the money, and drains when it is stopped. */
import { createRunner, describeJail, jailLayers, type RunnerStatus } from '@millrace/runner'
import { createMillraceClient, documentDomain, type Market, schemesRoot } from '@millrace/sdk'
import pino, { type Logger } from 'pino'
import type { Address } from 'viem'
import { type AgentConfig, BadConfigError, settle } from './config.ts'
import { connectChain } from './connect/chain.ts'
import { connectMatcher } from './connect/matcher.ts'
import { followEvents } from './events.ts'
import { createInbox, type InboxStatus } from './jobs/inbox.ts'
import { openJournal } from './journal/journal.ts'
import { createLeases } from './leases.ts'
import { createKeeper, type PendingLease } from './money/keeper.ts'
import type { Offer } from './offer/ask.ts'
import { createOfferKeeper, type OfferStatus } from './offer/keep.ts'
import { repeat } from './repeat.ts'

export interface AgentStatus {
  readonly account: Address
  readonly state: 'running' | 'draining' | 'stopped'
  /** Whether the matcher's event stream stands. */
  readonly connected: boolean
  readonly offer: OfferStatus
  readonly jobs: InboxStatus
  readonly runner: RunnerStatus
  /** What stands between jobs and this computer, a sentence a layer. */
  readonly jail: readonly string[]
  /** Leases that are not over yet, and what each waits for. */
  readonly leases: readonly PendingLease[]
}

export interface Agent {
  /**
   * Takes no more jobs, finishes those that run and settles what can be settled; with `force`, ends at once what
   * still runs. What is left is in `status().leases`, and is taken up again at the next start.
   */
  stop(options?: { force?: boolean }): Promise<void>
  /** Resolves when the agent has stopped. */
  readonly drained: Promise<void>
  status(): AgentStatus
  /** Offers something else from now on. Leases that are open keep their terms. */
  change(offer: Partial<Offer>): Promise<void>
}

/** Seconds that a run and its delivery need at least: a job that is due sooner is declined. */
const LEAST_TIME = 2n
/** How often the offer is compared with the book, and leases with the clock. */
const OFFER_MS = 15_000
const MONEY_MS = 2_000

/** Starts an agent; resolves when its journal is open and the matcher and the chain have answered. */
export async function startAgent(config: AgentConfig): Promise<Agent> {
  const settings = settle(config)
  const log = config.log ?? makeLog()
  const account = config.account.address.toLowerCase() as Address
  const key = (config.key ?? config.account).address.toLowerCase() as Address
  const { account: owner, key: signer, rpcUrl } = config
  const client = createMillraceClient({ matcher: config.matcher, account: owner, key: signer, rpcUrl })
  const matcher = await connectMatcher(client, account)
  const chain = await connectChain(client, account)
  const { market } = matcher
  const domain = documentDomain(market.chainId, market.contracts.leases)

  const journal = openJournal(config.dataDir)
  const { maxJobs, cpuShare, wallMs, offer } = settings
  const { memoryPages } = offer
  const runner = createRunner({ maxJobs, maxWarm: 2 * maxJobs, memoryPages, cpuShare, wallMs })
  const jail = describeJail()
  for (const { name, on, says, remedy } of jailLayers()) if (!on) log.warn({ layer: name, remedy }, says)
  log.info({ account, jail }, settings.lie ? 'starting, and lying about every result' : 'starting')

  const working = new AbortController()
  const { signal } = working
  const place = { account, key, ...placeOf(market, config) }
  const leases = createLeases({ journal, matcher, chain, key })
  const offers = createOfferKeeper(offer, { journal, matcher, chain, domain, place, log })
  const keeper = createKeeper({
    ...{ journal, matcher, chain, domain, log, key: signer ?? owner, policy: settings.money },
    onOver: (lease) => runner.release(lease),
  })
  const jobs = createInbox(
    {
      journal,
      matcher,
      chain,
      runner,
      leases,
      domain,
      memoryPages,
      leastTime: LEAST_TIME,
      lie: settings.lie,
      log,
    },
    (job) => {
      // The tasker's money is free, or its offer to close can be answered, as soon as nothing runs.
      if (job.state === 'declined' || journal.lease(job.lease)?.offer) keeper.hurry(job.lease)
    },
    signal,
  )
  const events = followEvents({ journal, matcher, domain, jobs, keeper, offers, leases, log })
  const offerLoop = repeat('offer', () => offers.pass(), OFFER_MS, signal, log)
  const moneyLoop = repeat('money', () => keeper.pass(), MONEY_MS, signal, log)
  let state: AgentStatus['state'] = 'running'

  /** Ends all that still works; the journal last, since the others write to it. */
  const end = async () => {
    working.abort()
    events.stop()
    await runner.close()
    await Promise.all([offerLoop.ended, moneyLoop.ended, jobs.drain()])
    if (state === 'stopped') return
    journal.close()
    state = 'stopped'
  }

  const drain = async () => {
    await offers
      .withdraw()
      .catch((error: unknown) => log.warn({ err: error }, 'the offer may stand until it expires'))
    await jobs.drain()
    // Vouchers are worth their gas now: nobody else redeems them.
    await keeper.settle()
  }

  let _stopping: Promise<void> | undefined
  const drained = Promise.withResolvers<void>()
  const forced = Promise.withResolvers<void>()
  const stop: Agent['stop'] = ({ force = false } = {}) => {
    if (force) forced.resolve()
    _stopping ??= (async () => {
      state = 'draining'
      log.info({ running: jobs.status().running }, 'draining')
      await Promise.race([drain(), forced.promise])
      await end()
      log.info({ leases: keeper.pending().length }, 'stopped')
      drained.resolve()
    })().catch(drained.reject)
    return drained.promise
  }
  config.signal?.addEventListener('abort', () => void stop(), { once: true })

  return {
    stop,
    drained: drained.promise,
    status: () => ({
      account,
      state,
      connected: events.connected(),
      offer: offers.status(),
      jobs: jobs.status(),
      runner: runner.status(),
      jail,
      leases: keeper.pending(),
    }),
    change: async (changes) => {
      offers.change(changes)
      await offers.pass()
    },
  }
}

function placeOf(market: Market, config: AgentConfig) {
  const token = (config.token?.toLowerCase() as Address | undefined) ?? market.tokens[0]?.address
  if (!token) throw new BadConfigError('`token` must be given: the market names none.')
  const schemes = config.schemes ?? market.schemes
  if (schemes.length === 0) throw new BadConfigError('`schemes` must be given: the market names none.')
  const { feeTo, makerFee, takerFee } = market.matcher
  return { token, schemes, schemesRoot: schemesRoot(schemes), feeTo, makerFee, takerFee }
}

/** JSON lines, on standard error unless told otherwise: standard output is data. */
export function makeLog(level = 'info', to?: { write(line: string): void }): Logger {
  const options = { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime }
  return pino(options, to ?? pino.destination({ fd: 2, sync: false }))
}
