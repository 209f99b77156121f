/**
 * Why an ask cannot serve a bid. Every limit that either side signed stands here once, as the contract checks
 * it again when the lease opens: the test beside this file and the contracts' fuzzing hold the two together.
 */
import { leastDispute, leastWindow, lockOf } from '@millrace/sdk'
import type { WhyNot } from '@millrace/sdk/api'
import { type Address, zeroAddress } from 'viem'
import type { AskEntry, BidEntry, Purse } from './entry.ts'

/** Stable codes; what each means stands in the rule below that names it. */
export type Misfit =
  | 'bid-expired'
  | 'ask-expired'
  | 'bid-ended'
  | 'token'
  | 'provider-not-named'
  | 'provider-failed-before'
  | 'scheme'
  | 'price'
  | 'job-fuel'
  | 'retainer'
  | 'claim-fee'
  | 'late-fee'
  | 'collateral'
  | 'memory'
  | 'job-too-large'
  | 'capacity'
  | 'lease-too-small'
  | 'lease-too-long'
  | 'grace'
  | 'window'
  | 'dispute-limit'
  | 'window-too-short'
  | 'dispute-too-short'
  | 'proof-window'
  | 'proof-clock'
  | 'provider-funds'
  | 'chain-refused'

/** What the bid wants, and what the ask has of it. */
export interface Shortfall {
  wants: bigint | string
  has: bigint | string
}

export interface Situation {
  /** Unix seconds. */
  now: bigint
  purse: Purse
  /** Whose leaves are judged by the clock. */
  proofScheme: Address
}

type Rule = (bid: BidEntry, ask: AskEntry, situation: Situation) => Shortfall | undefined

const atMost = (has: bigint | number, wants: bigint | number) =>
  has > wants ? { wants: BigInt(wants), has: BigInt(has) } : undefined
const atLeast = (has: bigint | number, wants: bigint | number) =>
  has < wants ? { wants: BigInt(wants), has: BigInt(has) } : undefined

/** In the order in which one reason hides another. */
const RULES: Record<Misfit, Rule> = {
  'bid-expired': ({ bid }, _, { now }) => (bid.expiry <= now ? { wants: now, has: bid.expiry } : undefined),
  'ask-expired': (_, { ask }, { now }) => (ask.expiry <= now ? { wants: now, has: ask.expiry } : undefined),
  'bid-ended': ({ bid }, _, { now }) => (bid.end <= now ? { wants: now, has: bid.end } : undefined),
  token: ({ bid }, { ask }) => (ask.token === bid.token ? undefined : { wants: bid.token, has: ask.token }),
  'provider-not-named': ({ bid }, { ask }) =>
    bid.provider === zeroAddress || bid.provider === ask.account
      ? undefined
      : { wants: bid.provider, has: ask.account },
  'provider-failed-before': ({ excluded }, { ask }) =>
    excluded.includes(ask.account) ? { wants: 'another provider', has: ask.account } : undefined,
  scheme: ({ bid }, { leaves }) =>
    leaves.includes(bid.scheme) ? undefined : { wants: bid.scheme, has: leaves.join(' ') },
  price: ({ bid }, { ask }) => atMost(ask.price, bid.maxPrice),
  'job-fuel': ({ bid }, { ask }) => atMost(ask.jobFuel, bid.maxJobFuel),
  retainer: ({ bid }, { ask }) => atMost(ask.retainer, bid.maxRetainer),
  'claim-fee': ({ bid }, { ask }) => atMost(ask.claimFee, bid.maxClaimFee),
  'late-fee': ({ bid }, { ask }) => atLeast(ask.lateFee, bid.minLateFee),
  collateral: ({ bid }, { ask }) => atLeast(ask.collateral, bid.collateral),
  memory: ({ bid }, { ask }) => atLeast(ask.memoryPages, bid.memoryPages),
  'job-too-large': ({ bid }, { ask }) => atLeast(ask.maxFuel, bid.maxFuel),
  capacity: (bid, ask) => {
    const fuel = quantity(bid, ask)
    if (bid.job) return atLeast(ask.remaining, fuel)
    return fuel < bid.remaining ? atLeast(fuel, bid.bid.minFuel) : undefined
  },
  // Less than the least is taken where it is all that is left.
  'lease-too-small': (bid, ask) => {
    const fuel = quantity(bid, ask)
    return fuel < ask.remaining ? atLeast(fuel, ask.ask.minFuel) : undefined
  },
  'lease-too-long': ({ bid }, { ask }, { now }) => atLeast(ask.maxLease, leaseTime(bid, now)),
  // A job lease has no time after its end: its claim is due by then.
  grace: ({ bid, job }, { ask }) => (job ? undefined : atMost(ask.minGrace, bid.grace)),
  window: ({ bid }, { ask }) => atLeast(ask.maxWindow, bid.window),
  'dispute-limit': ({ bid }, { ask }) => atLeast(ask.maxDispute, bid.disputeLimit),
  // A quarter of it is all that a demand leaves for an answer, and an arbiter needs as long.
  'window-too-short': ({ bid }, { ask }) => atLeast(bid.window, 4n * ask.minGrace),
  'dispute-too-short': ({ bid }, { ask }) => atLeast(bid.disputeLimit, 4n * ask.minGrace),
  // Whoever is right must have the time to find out, and to prove it, whatever job of the lease it is about.
  'proof-window': (bid, _, { proofScheme }) =>
    bid.scheme.scheme === proofScheme ? atLeast(bid.bid.window, leastWindow(largestJob(bid))) : undefined,
  'proof-clock': (bid, _, { proofScheme }) =>
    bid.scheme.scheme === proofScheme
      ? atLeast(bid.bid.disputeLimit, leastDispute(largestJob(bid), bid.bid.memoryPages))
      : undefined,
  'provider-funds': (bid, ask, { purse }) =>
    atLeast(purse(ask.ask.account, ask.ask.token), lockOf(ask.ask.collateral, quantity(bid, ask))),
  'chain-refused': ({ barred }, { digest }) =>
    barred.has(digest) ? { wants: 'a lease', has: 'a refusal a moment ago' } : undefined,
}

/** In what a reason's figures are told. */
export const UNITS: Record<Misfit, NonNullable<WhyNot['reasons'][number]['example']>['unit']> = {
  'bid-expired': 'moment',
  'ask-expired': 'moment',
  'bid-ended': 'moment',
  token: 'name',
  'provider-not-named': 'name',
  'provider-failed-before': 'name',
  scheme: 'name',
  price: 'rate',
  'job-fuel': 'fuel',
  retainer: 'amount',
  'claim-fee': 'amount',
  'late-fee': 'amount',
  collateral: 'rate',
  memory: 'pages',
  'job-too-large': 'fuel',
  capacity: 'fuel',
  'lease-too-small': 'fuel',
  'lease-too-long': 'seconds',
  grace: 'seconds',
  window: 'seconds',
  'dispute-limit': 'seconds',
  'window-too-short': 'seconds',
  'dispute-too-short': 'seconds',
  'proof-window': 'seconds',
  'proof-clock': 'seconds',
  'provider-funds': 'amount',
  'chain-refused': 'name',
}

/** The first reason why `ask` cannot serve `bid` now; undefined where it can. */
export function misfit(bid: BidEntry, ask: AskEntry, situation: Situation): Misfit | undefined {
  return misfits(bid, ask, situation).next().value?.reason
}

/** All of the reasons, one after another. */
export function* misfits(
  bid: BidEntry,
  ask: AskEntry,
  situation: Situation,
): Generator<{ reason: Misfit } & Shortfall, undefined> {
  for (const [reason, rule] of Object.entries(RULES)) {
    const shortfall = rule(bid, ask, situation)
    if (shortfall) yield { reason: reason as Misfit, ...shortfall }
  }
}

/** Fuel of the lease that the two would open. A bid with its job is all or nothing. */
export function quantity(bid: BidEntry, ask: AskEntry): bigint {
  if (bid.job) return bid.bid.fuel
  return bid.remaining < ask.remaining ? bid.remaining : ask.remaining
}

const largestJob = ({ bid, job }: BidEntry): bigint => job?.fuel ?? bid.maxFuel

/** Seconds from an opening at `now` to the end of the lease. */
function leaseTime(bid: BidEntry['bid'], now: bigint): bigint {
  const untilEnd = bid.end - now
  return bid.attemptTime > 0n && bid.attemptTime < untilEnd ? bid.attemptTime : untilEnd
}
