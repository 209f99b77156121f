import { signedDocument } from './signed.ts'
import { type DocumentOf, defineStruct } from './struct.ts'

export const askStruct = defineStruct('Ask', {
  account: 'address', // earns, and puts up the collateral
  key: 'address', // signs for the provider inside every lease of this ask
  token: 'address',
  price: 'uint96', // per gigafuel
  jobFuel: 'uint64', // added to each job's own fuel: the flat price of a job
  capacity: 'uint64', // fuel offered in all
  minFuel: 'uint64', // least fuel of one lease
  maxFuel: 'uint64', // largest job
  collateral: 'uint96', // put up per gigafuel of a lease
  retainer: 'uint96', // flat, for holding the capacity of a lease
  claimFee: 'uint96', // for each transaction that the tasker's silence costs
  lateFee: 'uint96', // most it pays for an accepted job that it does not deliver
  memoryPages: 'uint32', // most linear memory, pages of 64 KiB
  maxLease: 'uint40', // seconds from opening to `end`
  minGrace: 'uint40', // seconds
  maxWindow: 'uint40', // seconds
  maxDispute: 'uint40', // seconds
  schemes: 'bytes32', // Merkle root over the scheme leaves it accepts
  feeTo: 'address', // the matcher that it lets take a fee
  makerFee: 'uint16', // basis points, if this order stood in the book first
  takerFee: 'uint16', // basis points, if it met an older one
  expiry: 'uint40', // unix seconds
  nonce: 'uint64',
})

/** A provider's signed offer. Amounts are base units of `token`, prices are per gigafuel. */
export type Ask = DocumentOf<typeof askStruct>

export const {
  hash: hashAsk,
  digest: digestAsk,
  sign: signAsk,
  recover: recoverAsk,
  verify: verifyAsk,
} = signedDocument(askStruct)
