/** Orders that fit each other, to be spoiled one field at a time. */
import { type Ask, type Bid, type Job, type Scheme, schemeLeaf } from '@millrace/sdk'
import { type Address, type Hex, pad, zeroAddress, zeroHash } from 'viem'
import type { AskEntry, BidEntry } from '../../src/book/entry.ts'

/** The n-th address or hash of the tests. */
export const address = (n: number): Address => pad(`0x${n.toString(16)}`, { size: 20 })
export const hash = (n: number): Hex => pad(`0x${n.toString(16)}`, { size: 32 })

export const NOW = 1_000_000n
export const TOKEN = address(0xfee)

export const scheme: Scheme = {
  scheme: address(0x5c),
  arbiter: address(0xa1),
  arbiterFee: 10n,
  machineVersion: 1,
  taskerShare: 6_000,
  winnerShare: 1_000,
}

/** By whose clock bids are measured that name a leaf of it. */
export const PROOF_SCHEME = address(0x9f)

export const provable: Scheme = { ...scheme, scheme: PROOF_SCHEME, arbiter: zeroAddress }

export const job: Job = {
  programRoot: hash(0x10),
  input: hash(0x11),
  fuel: 900_000_000n,
  outputMax: 1_024,
  deadline: NOW + 600n,
}

export function askEntry(n: number, changes: Partial<Ask> = {}, entry: Partial<AskEntry> = {}): AskEntry {
  const ask: Ask = {
    account: address(0x100 + n),
    key: address(0x200 + n),
    token: TOKEN,
    price: 100n,
    jobFuel: 10_000_000n,
    capacity: 50_000_000_000n,
    minFuel: 1n,
    maxFuel: 10_000_000_000n,
    collateral: 500n,
    retainer: 0n,
    claimFee: 5n,
    lateFee: 5n,
    memoryPages: 1_024,
    maxLease: 3_600n,
    minGrace: 60n,
    maxWindow: 7_200n,
    maxDispute: 7_200n,
    schemes: schemeLeaf(scheme),
    feeTo: zeroAddress,
    makerFee: 0,
    takerFee: 0,
    expiry: NOW + 3_600n,
    nonce: BigInt(n),
    ...changes,
  }
  return {
    digest: hash(0x1000 + n),
    seq: n,
    remaining: ask.capacity,
    ask,
    schemes: [scheme],
    leaves: [schemeLeaf(scheme)],
    ...entry,
  }
}

export function bidEntry(n: number, changes: Partial<Bid> = {}, entry: Partial<BidEntry> = {}): BidEntry {
  const bid: Bid = {
    account: address(0x300 + n),
    key: address(0x400 + n),
    token: TOKEN,
    maxPrice: 120n,
    maxJobFuel: 10_000_000n,
    fuel: 2_000_000_000n,
    minFuel: 1_000_000_000n,
    maxFuel: 1_000_000_000n,
    collateral: 400n,
    maxRetainer: 10n,
    maxClaimFee: 10n,
    minLateFee: 1n,
    memoryPages: 16,
    grace: 60n,
    window: 3_600n,
    disputeLimit: 3_600n,
    scheme: schemeLeaf(scheme),
    bond: 50n,
    end: NOW + 1_800n,
    attemptTime: 0n,
    store: zeroAddress,
    provider: zeroAddress,
    feeTo: zeroAddress,
    makerFee: 0,
    takerFee: 0,
    attempts: 1,
    job: zeroHash,
    expiry: NOW + 600n,
    nonce: BigInt(n),
    ...changes,
  }
  return {
    digest: hash(0x2000 + n),
    seq: n,
    remaining: bid.fuel,
    bid,
    scheme,
    next: 0n,
    excluded: [],
    barred: new Set(),
    ...entry,
  }
}
