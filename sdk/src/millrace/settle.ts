/** Pays for a job lease: signs the close that the provider offers, and waits until it is on chain. */
import type { Hex } from 'viem'
import { getLease, submitClose } from '../actions/leases.ts'
import type { LeaseState, LeaseView } from '../api/lease.ts'
import type { MillraceClient } from '../client/client.ts'
import { hubOf } from '../client/hub.ts'
import { type WaitOptions, waitFor } from '../client/waitFor.ts'
import { amountOf, feeOf } from '../documents/money.ts'
import type { Terms } from '../documents/terms.ts'
import { TimeoutError } from '../errors/http.ts'
import type { FinishedJob } from './awaitResult.ts'
import type { Tell } from './progress.ts'

const ENDS: readonly LeaseState[] = ['closed', 'slashed', 'final']

/** Milliseconds after which an agreed payment is left to itself. */
const SETTLE_TIMEOUT = 60_000

/** What a job lease owes for its result, fees apart. */
export function owedFor(terms: Terms, fuelUsed: bigint): bigint {
  return terms.retainer + amountOf(terms.price, fuelUsed, terms.jobFuel)
}

/** The same with the matcher's fee: what the tasker pays in all. */
export function costOf(terms: Terms, owed: bigint): bigint {
  return owed + feeOf(owed, terms.taskerFee)
}

/** What a job cost, fees and all, and whether that is on chain yet. */
export interface Payment {
  paid: bigint
  settled: boolean
}

/** Pays for a result. */
export async function pay(
  client: MillraceClient,
  { job, lease, tell, signal }: FinishedJob & { tell: Tell; signal?: AbortSignal },
): Promise<Payment> {
  const { terms } = lease
  const owed = owedFor(terms, job.result!.result.fuelUsed)
  const given = new AbortController()
  const ended = waitForEnd(client, lease.id, {
    timeout: SETTLE_TIMEOUT,
    signal: signal ? AbortSignal.any([signal, given.signal]) : given.signal,
  })
  // It may fail while the close is still on its way, before anybody awaits it.
  ended.catch(() => {})
  try {
    if (job.state !== 'paid') await agreeToClose(client, { job, lease }, owed)
    const end = await ended
    // A lease that was slashed meanwhile pays what it had paid before, if anything.
    const paid = costOf(terms, end.lease.paid)
    tell('paid', { lease: lease.id, amount: paid, token: terms.token }, { tx: end.tx, gas: end.gas })
    return { paid, settled: true }
  } catch (error) {
    // Whichever failed, the other is waited for no more.
    given.abort()
    if (error instanceof TimeoutError) return { paid: costOf(terms, owed), settled: false }
    throw error
  }
}

/**
 * Signs the end of a job lease. What the provider proposes is taken where it asks for no more than is owed;
 * otherwise the right amount is offered for it to sign.
 */
async function agreeToClose(
  client: MillraceClient,
  { job, lease }: FinishedJob,
  owed: bigint,
): Promise<void> {
  const offered = job.close?.providerSignature && job.close.owed <= owed ? job.close : undefined
  const close = offered ?? { owed, until: lease.terms.end }
  await submitClose(client, { lease: lease.id, owed: close.owed, until: close.until, by: 'tasker' })
}

/** Waits until a lease has ended on chain. */
export function waitForEnd(client: MillraceClient, lease: Hex, options: WaitOptions): Promise<EndedLease> {
  return waitFor<EndedLease>({
    ...options,
    what: `The end of lease ${lease}`,
    listen: hubOf(client).listen,
    match: (event) =>
      event.lease === lease && event.type.startsWith('lease.')
        ? endOf(event.data as LeaseView, event.tx)
        : undefined,
    read: async () => endOf(await getLease(client, { lease })),
  })
}

export interface EndedLease {
  lease: LeaseView
  tx?: Hex
  gas?: bigint
}

function endOf(lease: LeaseView, told?: Hex): EndedLease | undefined {
  if (!ENDS.includes(lease.state)) return undefined
  const last = lease.txs.find(({ tx }) => tx === told) ?? lease.txs.at(-1)
  return { lease, tx: told ?? last?.tx, gas: last?.gas }
}
