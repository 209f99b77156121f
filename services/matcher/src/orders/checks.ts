/** What an order must hold before anybody is asked about money or signatures. Pure: time comes as an argument. */
import { MAX_FUEL } from '@millrace/machine'
import { type Ask, type Bid, hashJob, type Job, type Scheme, schemeLeaf, schemesRoot } from '@millrace/sdk'
import { type Address, zeroAddress, zeroHash } from 'viem'
import type { Config } from '../config.ts'
import { type RefusedError as Refusal, RefusedError } from '../errors.ts'
import type { RefusalCode } from '../refusals.ts'

type Fees = Pick<Config, 'feeTo' | 'makerFee' | 'takerFee'>

/** No store, and the one by which a bid waives delivery. */
const STORES = [zeroAddress, '0x0000000000000000000000000000000000000001']

export function checkAsk(ask: Ask, schemes: readonly Scheme[], fees: Fees, now: bigint): Refusal | undefined {
  if (schemesRoot(schemes) !== ask.schemes) {
    return mismatch('scheme-mismatch', 'The schemes are not those under the root that the ask signs.', {
      root: ask.schemes,
      found: schemesRoot(schemes),
    })
  }
  if (ask.capacity === 0n) return mismatch('no-fuel', 'The ask offers no fuel.', {})
  return checkCommon(ask, fees, now)
}

export function checkBid(
  bid: Bid,
  scheme: Scheme,
  job: Job | undefined,
  { store, ...fees }: Fees & { store: Address },
  now: bigint,
): Refusal | undefined {
  if (![...STORES, store].includes(bid.store)) {
    return mismatch('foreign-store', 'No provider here could show that it delivered to this store.', {
      wanted: bid.store,
      store,
    })
  }
  if (schemeLeaf(scheme) !== bid.scheme) {
    return mismatch('scheme-mismatch', 'The scheme is not the leaf that the bid signs.', {
      leaf: bid.scheme,
      found: schemeLeaf(scheme),
    })
  }
  if (bid.bond < scheme.arbiterFee) {
    return mismatch('bond-too-small', 'The bond would not pay the arbiter.', {
      bond: bid.bond,
      arbiterFee: scheme.arbiterFee,
    })
  }
  if (bid.fuel === 0n) return mismatch('no-fuel', 'The bid asks for no fuel.', {})
  if (bid.end <= now) {
    return new RefusedError(
      422,
      'order-ended',
      `The bid's leases would have to end by ${bid.end}, which is past.`,
      {
        remedy: 'Sign a bid with a later end.',
        facts: { end: bid.end, now },
      },
    )
  }
  return checkJob(bid, job) ?? checkCommon(bid, fees, now)
}

function checkJob(bid: Bid, job: Job | undefined): Refusal | undefined {
  const signed = bid.job !== zeroHash
  if (signed !== (job !== undefined) || (job && hashJob(job) !== bid.job)) {
    return mismatch('job-mismatch', 'The job is not the one that the bid signs.', {
      signed: bid.job,
      found: job ? hashJob(job) : zeroHash,
    })
  }
  if (!job) return undefined
  if (job.fuel + bid.maxJobFuel > bid.fuel || job.fuel > bid.maxFuel) {
    return mismatch('job-mismatch', 'The bid does not ask for as much fuel as its job may use.', {
      jobFuel: job.fuel,
      flatFuel: bid.maxJobFuel,
      fuel: bid.fuel,
      maxFuel: bid.maxFuel,
    })
  }
  if (job.fuel > MAX_FUEL) {
    return mismatch('too-much-fuel', 'A run cannot count as much fuel as the job may use.', {
      fuel: job.fuel,
      most: MAX_FUEL,
    })
  }
  if (bid.attempts === 0) return mismatch('no-attempt', 'The bid grants no attempt.', {})
  return undefined
}

function checkCommon(order: Ask | Bid, fees: Fees, now: bigint): Refusal | undefined {
  if (order.expiry <= now) {
    return new RefusedError(422, 'order-expired', `The order expired at ${order.expiry}.`, {
      remedy: 'Sign a new order with a later expiry.',
      facts: { expiry: order.expiry, now },
    })
  }
  const { feeTo, makerFee, takerFee } = fees
  if (
    order.makerFee !== makerFee ||
    order.takerFee !== takerFee ||
    (makerFee + takerFee > 0 && order.feeTo !== feeTo)
  ) {
    return mismatch('fee-mismatch', "The order does not grant this matcher's fees.", {
      wanted: { feeTo, makerFee, takerFee },
      granted: { feeTo: order.feeTo, makerFee: order.makerFee, takerFee: order.takerFee },
    })
  }
  return undefined
}

function mismatch(code: RefusalCode, message: string, facts: Record<string, unknown>): Refusal {
  return new RefusedError(422, code, message, {
    remedy: 'Correct the order and sign it again: /v1/market says what this matcher takes.',
    facts,
  })
}
