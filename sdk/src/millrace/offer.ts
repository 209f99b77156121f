/** The bid that follows from a quote: pure, so that what is signed can be read before it is. */
import { type Address, type Hex, zeroAddress, zeroHash } from 'viem'
import type { Market } from '../api/market.ts'
import type { Quote } from '../api/quote.ts'
import type { Bid } from '../documents/bid.ts'
import { hashJob, type Job } from '../documents/job.ts'
import { type Scheme, schemeLeaf } from '../documents/scheme.ts'

/** How long things may take, in seconds. */
export interface Times {
  /** One attempt at a job, or a lease, from its opening. */
  time: bigint
  /** In which a result can be challenged. */
  window: bigint
  /** A dispute. */
  disputeLimit: bigint
}

export interface BidParameters extends Times {
  account: Address
  key: Address
  market: Market
  quote: Quote
  /** Most per gigafuel: room for a dearer provider in a later attempt. Without it, the quote's price. */
  maxPrice?: bigint
  /** Fuel of all jobs, flat fuel apart. */
  fuel: bigint
  /** Largest job, flat fuel apart. */
  maxFuel: bigint
  jobs: number
  memoryPages: number
  /** Least collateral per gigafuel. */
  collateral?: bigint
  provider?: Address
  /** How often a job may be tried, each time with another provider. */
  attempts: number
  job?: Job
  /** Unix seconds, of the chain. */
  now: bigint
  nonce: bigint
}

/** Between signing and opening, in seconds: matching, a slow chain, an attempt that has to run out first. */
const SLACK = 120n

/** Of a challenger's bond to the arbiter's fee: what is left beside the fee pays the other side's gas. */
const BOND_PER_FEE = 2n

/** Without an arbiter the leaf's fee is nobody's: it is the least bond, which pays the other side's gas as it is. */
function bondOf({ arbiter, arbiterFee }: Scheme): bigint {
  return arbiter === zeroAddress ? arbiterFee : arbiterFee * BOND_PER_FEE
}

export function bidOf(parameters: BidParameters): Bid {
  const { market, quote, time, now, attempts, job, collateral = quote.price } = parameters
  const end = now + SLACK + time * BigInt(attempts)
  const { order, scheme } = quote
  const fuel = parameters.fuel + BigInt(parameters.jobs) * quote.jobFuel
  return {
    account: lower(parameters.account),
    key: lower(parameters.key),
    token: order.token,
    maxPrice: parameters.maxPrice ?? quote.price,
    maxJobFuel: quote.jobFuel,
    fuel,
    minFuel: fuel,
    maxFuel: parameters.maxFuel,
    // At least what the work is worth, where the provider puts up so much.
    collateral: collateral < order.collateral ? collateral : order.collateral,
    maxRetainer: order.retainer,
    maxClaimFee: order.claimFee,
    minLateFee: 0n,
    memoryPages: parameters.memoryPages,
    grace: job ? 0n : order.minGrace,
    window: parameters.window,
    disputeLimit: parameters.disputeLimit,
    scheme: schemeLeaf(scheme),
    bond: bondOf(scheme),
    end,
    attemptTime: job ? time : 0n,
    store: market.matcher.store,
    provider: lower(parameters.provider ?? zeroAddress),
    feeTo: market.matcher.feeTo,
    makerFee: market.matcher.makerFee,
    takerFee: market.matcher.takerFee,
    attempts,
    job: job ? hashJob(job) : zeroHash,
    expiry: end,
    nonce: parameters.nonce,
  }
}

function lower<T extends Hex>(address: T): T {
  return address.toLowerCase() as T
}
