/** Turns what the matcher tells into work: each event may come twice, none is missed over a restart. */
import { type Domain, type LeaseView, type MarketEvent, verifyVoucher } from '@millrace/sdk'
import type { Logger } from 'pino'
import type { Hex } from 'viem'
import type { Inbox } from './jobs/inbox.ts'
import type { Journal } from './journal/journal.ts'
import type { Leases } from './leases.ts'
import type { Keeper } from './money/keeper.ts'
import type { OfferKeeper } from './offer/keep.ts'
import type { MatcherPort } from './ports.ts'

export interface EventDeps {
  readonly journal: Journal
  readonly matcher: MatcherPort
  readonly domain: Domain
  readonly jobs: Inbox
  readonly keeper: Keeper
  readonly offers: OfferKeeper
  readonly leases: Leases
  readonly log: Logger
}

/** Events repeat harmlessly: their number is not worth a disk's time each. */
const KEEP_MS = 1_000

export function followEvents(deps: EventDeps): { stop(): void; connected(): boolean } {
  const { journal, matcher, jobs, keeper, log } = deps
  let connected = false
  let last: string | undefined
  /** Something could not be written down when it was told: it is asked for again. */
  let missed = false
  const keep = () => {
    if (last === undefined) return
    try {
      journal.setLastEvent(last)
      last = undefined
    } catch (error) {
      log.warn({ err: error }, 'could not write down how far the events were read; trying again')
    }
  }
  const ask = () => {
    missed = false
    catchUp(deps).catch((error: unknown) => {
      missed = true
      log.warn({ err: error }, 'could not ask for what was missed')
    })
  }
  const timer = setInterval(() => {
    keep()
    if (missed && connected) ask()
  }, KEEP_MS)

  const stopWatching = matcher.watch({
    lastEventId: journal.lastEvent(),
    onOpen: () => {
      connected = true
      ask()
    },
    onEvent: (event) => {
      last = event.id
      try {
        handle(event, deps)
      } catch (error) {
        missed = true
        log.error({ event: event.id, type: event.type, err: error }, 'an event could not be handled')
      }
    },
    onError: (error) => {
      connected = false
      log.warn({ err: error }, 'the event stream broke; taking it up again')
    },
  })
  // What the journal holds does not wait for the matcher.
  jobs.flush()
  for (const { id } of journal.liveLeases()) keeper.poke(id)

  return {
    connected: () => connected,
    stop: () => {
      clearInterval(timer)
      stopWatching()
      keep()
    },
  }
}

/** Asks for what stands open: events older than the matcher's memory, jobs from before the first start. */
async function catchUp(deps: EventDeps): Promise<void> {
  const { matcher, jobs, keeper, leases, offers } = deps
  // An offer that cannot be made, for want of money as it may be, keeps nobody from the work that is there; its loop says why.
  const offered = offers.pass().catch(() => {})
  const [open, live] = await Promise.all([matcher.openJobs(), matcher.liveLeases(), offered])
  for (const job of open) jobs.recover(job)
  for (const lease of live) {
    if (!leases.adopt(lease)) continue
    if (lease.voucher) takeVoucher(lease.id, lease.voucher, deps)
    takeOffer(lease, deps)
    keeper.poke(lease.id)
  }
  jobs.flush()
}

function handle(event: MarketEvent, deps: EventDeps): void {
  const { jobs, keeper, leases, offers } = deps
  switch (event.type) {
    case 'job.queued':
      jobs.take(event.data)
      return
    case 'lease.opened':
      // A lease without a job yet holds collateral all the same: it has to be ended.
      leases.adopt(event.data)
      break
    case 'lease.closing':
      takeOffer(event.data, deps)
      return
    case 'voucher.received': {
      const { owed, signature } = event.data
      if (event.lease && signature) takeVoucher(event.lease, { owed, signature }, deps)
    }
  }
  if (event.type.startsWith('order.')) void offers.pass().catch(() => {})
  if (event.lease && !event.type.startsWith('job.')) keeper.poke(event.lease)
}

/** The tasker wants to end a lease; whether at a fair price is the keeper's to decide. It waits for the answer. */
function takeOffer({ id, close }: LeaseView, { journal, keeper }: EventDeps): void {
  if (!close?.taskerSignature || close.providerSignature || !journal.lease(id)) return
  journal.setOffer(id, { owed: close.owed, until: close.until })
  keeper.hurry(id)
}

/** A voucher is money: it counts only with the signature of the lease's tasker. */
function takeVoucher(
  lease: Hex,
  { owed, signature }: { owed: bigint; signature: Hex },
  { journal, domain, log }: EventDeps,
): void {
  const row = journal.lease(lease)
  if (!row || row.owed >= owed) return
  if (verifyVoucher(row.terms.taskerKey, domain, { lease, owed }, signature)) {
    journal.addVoucher(lease, owed, signature)
  } else {
    log.warn({ lease, owed: owed.toString() }, 'a voucher that the tasker did not sign')
  }
}
