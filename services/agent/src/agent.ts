/** A provider at work: offers, takes jobs, runs them, defends their results, looks after the money, drains at its end. */
import { join } from 'node:path'
import { DEFAULT_LIMITS } from '@millrace/machine'
import { createRunner, describeJail, jailLayers, openTracer, type RunnerStatus } from '@millrace/runner'
import {
  createMillraceClient,
  defenderGas,
  documentDomain,
  isProvable,
  SURGE,
  schemeLeaf,
} from '@millrace/sdk'
import pino, { type Logger } from 'pino'
import { type Address, formatEther } from 'viem'
import { type AgentConfig, settle } from './config.ts'
import { connectChain } from './connect/chain.ts'
import { connectDisputes } from './connect/disputes.ts'
import { knowMarket } from './connect/market.ts'
import { connectMatcher } from './connect/matcher.ts'
import { createDefence, type DefenceStatus } from './defence/defence.ts'
import { createExposure } from './defence/exposure.ts'
import type { OpenTrace } from './defence/source.ts'
import { followEvents } from './events.ts'
import { createInbox, type InboxStatus } from './jobs/inbox.ts'
import { openJournal } from './journal/journal.ts'
import { createLeases } from './leases.ts'
import { createKeeper, type PendingLease } from './money/keeper.ts'
import type { Offer } from './offer/ask.ts'
import { createOfferKeeper, type OfferStatus } from './offer/keep.ts'
import { createPlace } from './offer/place.ts'
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
  /** Challenged results that this agent plays for, and their clocks. */
  readonly defence: DefenceStatus
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
/** How often the chain is asked for new disputes. */
const DEFENCE_MS = 2_000

const GAME_GOES_ON =
  'this game goes on without the agent, and is lost when its clock runs out: start again in time'

/** Of any program: what was signed is defended, whatever is offered by now. */
const MEMORY_PAGES = DEFAULT_LIMITS.maxPages

/**
 * Starts an agent; resolves when its journal is open and the chain has answered, and the matcher where it is the first
 * start: games are played without it.
 */
export async function startAgent(config: AgentConfig): Promise<Agent> {
  const settings = settle(config)
  const log = config.log ?? makeLog()
  const account = config.account.address.toLowerCase() as Address
  const key = (config.key ?? config.account).address.toLowerCase() as Address
  const { account: owner, key: signer, rpcUrl } = config
  const client = createMillraceClient({ matcher: config.matcher, account: owner, key: signer, rpcUrl })
  const journal = openJournal(config.dataDir)
  const connect = async () => {
    await knowMarket(client, journal, log)
    return Promise.all([connectMatcher(client, account), connectChain(client, account)])
  }
  const [matcher, chain] = await connect().catch((error) => {
    journal.close()
    throw error
  })
  const { market } = matcher
  const domain = documentDomain(market.chainId, market.contracts.leases)

  const { maxJobs, cpuShare, wallMs, offer } = settings
  const { memoryPages } = offer
  const runner = createRunner({ maxJobs, maxWarm: 2 * maxJobs, memoryPages, cpuShare, wallMs })
  const jail = describeJail()
  for (const { name, on, says, remedy } of jailLayers()) if (!on) log.warn({ layer: name, remedy }, says)
  log.info({ account, jail }, settings.lie ? 'starting, and lying about every result' : 'starting')

  const working = new AbortController()
  const { signal } = working
  const { schemes, tokenPerEther } = config
  const token = config.token?.toLowerCase() as Address | undefined
  const { baseFee } = chain
  const place = createPlace({ market, account, key, token, schemes, tokenPerEther, baseFee, log })
  const { schemes: accepted } = await place(offer)
  if (accepted.some((scheme) => isProvable(market, scheme))) {
    const [ether, fee] = await Promise.all([chain.ether(), baseFee()])
    const needed = defenderGas(offer.maxFuel) * fee * SURGE
    if (ether < needed) {
      log.warn(
        { ether: formatEther(ether), needed: formatEther(needed) },
        'too little Ether to defend a result',
      )
    }
  }
  if (tokenPerEther === undefined) {
    log.warn(
      'what Ether is worth was not said: whether a bond pays for the gas of a defence is not looked at',
    )
  }
  const leases = createLeases({ journal, matcher, chain, key })
  const offers = createOfferKeeper(offer, { journal, matcher, chain, domain, place, log })
  const keeper = createKeeper({
    ...{ journal, matcher, chain, domain, log, key: signer ?? owner, policy: settings.money },
    onOver: (lease) => runner.release(lease),
  })
  const openTrace: OpenTrace = (source) =>
    openTracer({ ...source, memoryPages: MEMORY_PAGES, dir: join(config.dataDir, 'traces'), signal })
  const judges = [...(schemes ?? []), ...market.schemes]
  const defence = createDefence({
    ...{ journal, matcher, openTrace, log, places: maxJobs, schemes: judges },
    disputes: await connectDisputes(client),
    onSettled: (lease) => keeper.hurry(lease),
  })
  const proven = judges.filter((scheme) => isProvable(market, scheme))
  const provable = new Set(proven.map(schemeLeaf))
  const jobs = createInbox(
    {
      ...{ journal, matcher, chain, runner, leases, domain, memoryPages, log },
      provable,
      exposure: createExposure({ journal, provable, places: maxJobs }),
      leastTime: LEAST_TIME,
      quiet: defence.quiet,
      ...(settings.lie && { lie: openTrace }),
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
  const defenceLoop = repeat('defence', () => defence.pass(), DEFENCE_MS, signal, log)
  let state: AgentStatus['state'] = 'running'

  /** Ends all that still works; the journal last, since the others write to it. */
  const end = async () => {
    working.abort()
    events.stop()
    await Promise.all([runner.close(), defence.stop()])
    await Promise.all([offerLoop.ended, moneyLoop.ended, defenceLoop.ended, jobs.drain()])
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
    for (const game of defence.status().games) {
      log.warn({ case: game.case, lease: game.lease, until: game.next?.until.toString() }, GAME_GOES_ON)
    }
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
      defence: defence.status(),
    }),
    change: async (changes) => {
      await place({ ...offers.status().offer, ...changes })
      offers.change(changes)
      await offers.pass()
    },
  }
}

/** JSON lines, on standard error unless told otherwise: standard output is data. */
export function makeLog(level = 'info', to?: { write(line: string): void }): Logger {
  const options = { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime }
  return pino(options, to ?? pino.destination({ fd: 2, sync: false }))
}
