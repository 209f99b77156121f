/** What one would be offered now: the bid that a request stands for, tried on every ask. Reserves nothing. */
import {
  checkingRateFor,
  clockOf,
  leastDispute,
  leastWindow,
  lieGain,
  lockOf,
  type Scheme,
  schemeLeaf,
  taskerLock,
  taskerLockParts,
} from '@millrace/sdk'
import type { Quote, QuoteRequest } from '@millrace/sdk/api'
import { type Hex, zeroAddress, zeroHash } from 'viem'
import type { AskEntry, BidEntry } from './entry.ts'
import { misfit, type Situation } from './misfit.ts'
import { type WhyNot, whyNotBid } from './why.ts'

const ANY_UINT64 = 2n ** 64n - 1n
const ANY_UINT96 = 2n ** 96n - 1n

/** Seconds for which an offer is likely to stand; nothing keeps others from taking it. */
const STANDS_FOR = 60n

/**
 * The cheapest offer, or why there is none.
 * @param takerFee basis points that the bid would grant: it meets asks that stand in the book
 */
export function quote(
  request: QuoteRequest,
  asks: readonly AskEntry[],
  schemes: readonly Scheme[],
  takerFee: number,
  situation: Situation,
): { quote: Quote } | { whyNot: WhyNot } {
  let best: Quote | undefined
  for (const scheme of schemes) {
    if (request.scheme && schemeLeaf(scheme) !== request.scheme) continue
    for (const ask of [...asks].sort((a, b) => a.seq - b.seq)) {
      if (misfit(bidFor(request, schemeLeaf(scheme), scheme, ask), ask, situation)) continue
      const offered = offer(request, scheme, ask, takerFee, situation)
      if (!best || offered.most < best.most) best = offered
    }
  }
  if (best) return { quote: best }
  const scheme = schemes.find((each) => schemeLeaf(each) === request.scheme) ?? schemes[0]!
  const leaf = request.scheme ?? schemeLeaf(scheme)
  return { whyNot: whyNotBid(bidFor(request, leaf, scheme, undefined), asks, situation) }
}

/** All the fuel that a lease of these jobs needs from this ask, its flat fuel included. */
function fuelWith(request: QuoteRequest, ask: AskEntry | undefined): bigint {
  return request.fuel + BigInt(request.jobs) * (ask?.ask.jobFuel ?? 0n)
}

/** A bid that would take any price. */
function bidFor(request: QuoteRequest, leaf: Hex, scheme: Scheme, ask: AskEntry | undefined): BidEntry {
  const fuel = fuelWith(request, ask)
  const maxFuel = request.maxFuel ?? request.fuel
  const job = { programRoot: zeroHash, input: zeroHash, fuel: maxFuel, outputMax: 0, deadline: request.end }
  const bid = {
    account: zeroAddress,
    key: zeroAddress,
    token: request.token,
    maxPrice: ANY_UINT96,
    maxJobFuel: ANY_UINT64,
    fuel,
    minFuel: fuel,
    maxFuel,
    collateral: request.collateral ?? 0n,
    maxRetainer: ANY_UINT96,
    maxClaimFee: ANY_UINT96,
    minLateFee: 0n,
    memoryPages: request.memoryPages,
    grace: request.grace ?? ANY_UINT64,
    window: request.window,
    disputeLimit: request.disputeLimit,
    scheme: leaf,
    bond: scheme.arbiterFee,
    end: request.end,
    attemptTime: 0n,
    store: zeroAddress,
    provider: request.provider ?? zeroAddress,
    feeTo: zeroAddress,
    makerFee: 0,
    takerFee: 0,
    attempts: 1,
    job: zeroHash,
    expiry: ANY_UINT64,
    nonce: 0n,
  }
  return {
    digest: zeroHash,
    seq: Number.MAX_SAFE_INTEGER,
    remaining: fuel,
    bid,
    scheme,
    job: request.carriesJob ? job : undefined,
    next: 0n,
    excluded: [],
    barred: new Set(),
  }
}

function offer(
  request: QuoteRequest,
  scheme: Scheme,
  { ask, digest }: AskEntry,
  takerFee: number,
  { now, proofScheme }: Situation,
): Quote {
  const flatFuel = BigInt(request.jobs) * ask.jobFuel
  const { price, retainer, claimFee } = ask
  const locked = { price, fuel: request.fuel + flatFuel, retainer, claimFee, taskerFee: takerFee }
  const { compute, fee } = taskerLockParts(locked)
  // What is left of the rounding goes to the flat part, so that the parts add up to the whole.
  const work = lockOf(price, request.fuel)
  const until = now + STANDS_FOR
  const maxFuel = request.maxFuel ?? request.fuel
  const collateral = lockOf(ask.collateral, locked.fuel)
  const gain = lieGain({ ...locked, jobFuel: ask.jobFuel, maxFuel })
  return {
    ask: digest,
    order: ask,
    provider: ask.account,
    scheme,
    price,
    jobFuel: ask.jobFuel,
    most: taskerLock(locked),
    parts: { compute: work, flat: compute - work, matcherFee: fee, retainer, claimFee },
    collateral,
    dispute: {
      limit: request.disputeLimit,
      proof:
        scheme.scheme === proofScheme
          ? {
              providerClock: clockOf(request.disputeLimit, 'provider'),
              challengerClock: clockOf(request.disputeLimit, 'challenger'),
              leastLimit: leastDispute(maxFuel, request.memoryPages),
              leastWindow: leastWindow(maxFuel),
            }
          : undefined,
      gain,
      checkingRate: checkingRateFor({ gain, collateral, scheme }),
    },
    validUntil: ask.expiry < until ? ask.expiry : until,
  }
}
