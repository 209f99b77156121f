import { signedDocument } from './signed.ts'
import { type DocumentOf, defineStruct } from './struct.ts'

export const bidStruct = defineStruct('Bid', {
  account: 'address', // pays
  key: 'address', // signs for the tasker inside every lease of this bid
  token: 'address',
  maxPrice: 'uint96', // per gigafuel
  maxJobFuel: 'uint64', // most flat fuel added to each job
  fuel: 'uint64', // asked for in all, flat fuel included
  minFuel: 'uint64', // least fuel of one lease
  maxFuel: 'uint64', // largest job
  collateral: 'uint96', // least, per gigafuel
  maxRetainer: 'uint96',
  maxClaimFee: 'uint96',
  minLateFee: 'uint96',
  memoryPages: 'uint32', // needed
  grace: 'uint40', // seconds to claim in, after the end
  window: 'uint40', // seconds in which a result can be challenged
  disputeLimit: 'uint40', // seconds a dispute may take
  scheme: 'bytes32', // leaf that must stand under the ask's root
  bond: 'uint96', // a challenger's
  end: 'uint40', // unix seconds: latest end of a lease; for a job, of its last attempt
  attemptTime: 'uint40', // for a job: seconds one attempt may take from its opening; 0 = until `end`
  store: 'address', // key whose receipt counts as delivery; 0 = none
  provider: 'address', // 0 = any
  feeTo: 'address', // the matcher that it lets take a fee
  makerFee: 'uint16', // basis points
  takerFee: 'uint16', // basis points
  attempts: 'uint8', // for a job, at least 1
  job: 'bytes32', // struct hash of the Job it carries; 0 = none
  expiry: 'uint40', // unix seconds
  nonce: 'uint64',
})

/** A tasker's signed request. Units as in `Ask`. */
export type Bid = DocumentOf<typeof bidStruct>

export const {
  hash: hashBid,
  digest: digestBid,
  sign: signBid,
  recover: recoverBid,
  verify: verifyBid,
} = signedDocument(bidStruct)
