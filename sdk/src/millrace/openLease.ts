/** Takes a lease for many jobs of one program. */
import type { Hex } from 'viem'

import { putBlob } from '../actions/blobs.ts'
import { confirmLease } from '../actions/confirmLease.ts'
import { getLease } from '../actions/leases.ts'
import { getOrder } from '../actions/orders.ts'
import { submitBid } from '../actions/submitBid.ts'
import type { LeaseView } from '../api/lease.ts'
import { getChainTime, getDomain } from '../client/chain.ts'
import { accountOf, keyOf, type MillraceClient } from '../client/client.ts'
import { getMarket } from '../client/getMarket.ts'
import { hubOf } from '../client/hub.ts'
import { waitFor } from '../client/waitFor.ts'
import { digestBid } from '../documents/bid.ts'
import { JobFailedError } from '../errors/client.ts'
import { affordableQuote } from './affordableQuote.ts'
import { ensureFunds } from './funding.ts'
import { type HeldLease, holdLease } from './lease.ts'
import { takeNonces } from './nonces.ts'
import { bidOf } from './offer.ts'
import { defaultOutput, type FollowOptions, type OrderOptions, timesOf } from './options.ts'
import { programOf } from './program.ts'
import { type Tell, teller } from './progress.ts'

export interface LeaseParameters extends OrderOptions, FollowOptions {
  /** Bytes of the `module.wasm` that the jobs run. */
  program: Uint8Array
  /** How many jobs are meant: each costs the offer's flat fuel besides its own. */
  jobs: number
  /** Most fuel of one job. */
  fuel: bigint
  /** Most bytes of one output. */
  outputMax?: number
  /** The most that the whole lease may cost, all in. */
  maxPrice?: bigint
}

const HOUR = 3_600

/** Quotes, sees to the money, signs, and waits until the lease is open. */
export async function openLease(client: MillraceClient, parameters: LeaseParameters): Promise<HeldLease> {
  const { signal, deposit = 'never', verify = false, timeout } = parameters
  const tell = teller(client, parameters.onPhase)
  const program = programOf(parameters.program)
  const stop = hubOf(client).listen({ onEvent: () => {} })
  try {
    const order = await submitLease(client, parameters, tell)
    const lease = await awaitLease(client, order, tell, { signal, timeout })
    await confirmLease(client, { lease: lease.id, terms: lease.terms, bid: order })
    const { limits } = await getMarket(client)
    const { outputMax = defaultOutput(limits) } = parameters
    const { inlineBytes } = limits
    return holdLease(client, { lease, program, inlineBytes, outputMax, verify, deposit })
  } finally {
    stop()
  }
}

async function submitLease(client: MillraceClient, parameters: LeaseParameters, tell: Tell): Promise<Hex> {
  const {
    signal,
    jobs,
    fuel: maxFuel,
    maxPrice,
    provider,
    scheme,
    collateral,
    deposit = 'never',
  } = parameters
  const program = programOf(parameters.program)
  const memoryPages = program.memory.maxPages
  const [market, now] = await Promise.all([getMarket(client), getChainTime(client)])
  const token = parameters.token ?? market.tokens[0]!.address
  const times = timesOf(parameters, { fuel: maxFuel, memoryPages }, HOUR)
  const fuel = maxFuel * BigInt(jobs)
  tell('prepared', { programRoot: program.root, memoryPages })

  const [{ quote }] = await Promise.all([
    affordableQuote(client, {
      ...{ token, fuel, maxFuel, jobs, memoryPages, provider, scheme, collateral, signal },
      window: times.window,
      disputeLimit: times.disputeLimit,
      end: now + times.time,
      carriesJob: false,
      budget: maxPrice,
      shrinks: false,
    }),
    putBlob(client, { bytes: parameters.program, kind: 'program', root: program.root, signal }),
  ])
  tell('quoted', {
    most: quote.most,
    token,
    price: quote.price,
    fuel,
    parts: quote.parts,
    provider: quote.provider,
  })
  const topUp = await ensureFunds(client, { token, needed: quote.most, policy: deposit })
  if (topUp) tell('funded', { amount: topUp.credited }, { tx: topUp.hash, gas: topUp.receipt.gasUsed })

  const bid = bidOf({
    ...times,
    ...{ market, quote, fuel, maxFuel, jobs, memoryPages, collateral, provider, now },
    account: accountOf(client, 'lease').address,
    key: keyOf(client, 'lease').address,
    attempts: 1,
    nonce: takeNonces(client, 1),
  })
  signal?.throwIfAborted()
  await submitBid(client, { bid, scheme: quote.scheme })
  const digest = digestBid(await getDomain(client), bid)
  tell('signed', { order: digest, most: quote.most, end: bid.end })
  return digest
}

/** Waits until the bid has its lease. */
function awaitLease(
  client: MillraceClient,
  digest: Hex,
  tell: Tell,
  options: { signal?: AbortSignal; timeout?: number },
): Promise<LeaseView> {
  const opened = (lease: LeaseView): LeaseView | undefined => (lease.terms.bid === digest ? lease : undefined)
  return waitFor<LeaseView>({
    ...options,
    what: `The lease of bid ${digest}`,
    listen: hubOf(client).listen,
    match: (event) => {
      if (event.type === 'lease.opened') {
        const lease = opened(event.data)
        const gas = lease?.txs.find(({ tx }) => tx === event.tx)?.gas
        if (lease) tell('leased', { lease: lease.id, provider: lease.terms.provider }, { tx: event.tx, gas })
        return lease
      }
      if (event.order !== digest) return undefined
      if (event.type === 'order.unmatched') tell('unmatched', event.data)
      if (event.type === 'order.matched') tell('matched', { order: digest })
      if (event.type === 'order.expired' || event.type === 'order.cancelled')
        throw ended(digest, event.data.status)
      return undefined
    },
    read: async () => {
      const { leases, status } = await getOrder(client, { digest })
      if (leases[0]) return getLease(client, { lease: leases[0] })
      if (status === 'expired' || status === 'cancelled') throw ended(digest, status)
      return undefined
    },
  })
}

function ended(order: Hex, reason: string): JobFailedError {
  return new JobFailedError(`Bid ${order} is ${reason} and has no lease.`, { order, reason }, false)
}
