/** A lease: the terms that follow from two orders, and its name, which is their hash. */
import type { Hex } from 'viem'
import { type Ask, digestAsk } from './ask.ts'
import { type Bid, digestBid } from './bid.ts'
import type { Domain } from './domain.ts'
import { lockOf } from './money.ts'
import { type DocumentOf, defineStruct, structHash } from './struct.ts'

export const termsStruct = defineStruct('Terms', {
  ask: 'bytes32', // digest of the signed order
  bid: 'bytes32',
  seq: 'uint64', // the bid's filled amount before this match; for a job, the attempt's number
  tasker: 'address',
  taskerKey: 'address',
  provider: 'address',
  providerKey: 'address',
  token: 'address',
  price: 'uint96', // the ask's, per gigafuel
  jobFuel: 'uint64',
  fuel: 'uint64', // of the whole lease, flat fuel included
  maxFuel: 'uint64', // largest job
  collateral: 'uint96', // locked for this lease, absolute
  retainer: 'uint96',
  claimFee: 'uint96',
  lateFee: 'uint96',
  bond: 'uint96',
  openedAt: 'uint40', // unix seconds
  end: 'uint40', // unix seconds
  grace: 'uint40', // seconds; 0 in a job lease
  window: 'uint40', // seconds
  disputeLimit: 'uint40', // seconds
  scheme: 'bytes32', // leaf
  store: 'address',
  job: 'bytes32',
  taskerFeeTo: 'address',
  taskerFee: 'uint16', // basis points, added to what the tasker pays
  providerFeeTo: 'address',
  providerFee: 'uint16', // basis points, taken from what the provider gets
})

/** All that a lease is. The chain keeps one slot; callers send the terms again. */
export type Terms = DocumentOf<typeof termsStruct>

export interface Meeting {
  /** The bid's filled amount before this match; for a job, the attempt's number. */
  seq: bigint
  /** Fuel of the lease, flat fuel included. */
  fuel: bigint
  /** Whether the bid stood in the book first; otherwise the ask did. */
  bidIsMaker: boolean
  /** Unix seconds: the time of the block that opens the lease. */
  openedAt: bigint
}

const NO_JOB = `0x${'0'.repeat(64)}`

/** The terms that `Leases.open` derives from two orders that meet. Checks nothing. */
export function termsOf(ask: Ask, bid: Bid, meeting: Meeting, domain: Domain): Terms {
  const carriesJob = bid.job !== NO_JOB
  const attemptEnd = meeting.openedAt + bid.attemptTime
  return {
    ask: digestAsk(domain, ask),
    bid: digestBid(domain, bid),
    seq: meeting.seq,
    tasker: bid.account,
    taskerKey: bid.key,
    provider: ask.account,
    providerKey: ask.key,
    token: ask.token,
    price: ask.price,
    jobFuel: ask.jobFuel,
    fuel: meeting.fuel,
    maxFuel: bid.maxFuel,
    collateral: lockOf(ask.collateral, meeting.fuel),
    retainer: ask.retainer,
    claimFee: ask.claimFee,
    lateFee: ask.lateFee,
    bond: bid.bond,
    openedAt: meeting.openedAt,
    end: carriesJob && bid.attemptTime > 0n && attemptEnd < bid.end ? attemptEnd : bid.end,
    grace: carriesJob ? 0n : bid.grace,
    window: bid.window,
    disputeLimit: bid.disputeLimit,
    scheme: bid.scheme,
    store: bid.store,
    job: bid.job,
    taskerFeeTo: bid.feeTo,
    taskerFee: meeting.bidIsMaker ? bid.makerFee : bid.takerFee,
    providerFeeTo: ask.feeTo,
    providerFee: meeting.bidIsMaker ? ask.takerFee : ask.makerFee,
  }
}

/** A lease's name: the struct hash of its terms, whose order digests name contract and chain. */
export function leaseIdOf(terms: Terms): Hex {
  return structHash(termsStruct, terms)
}
