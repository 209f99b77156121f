/** A pair of orders that fit, to change what a test is about. */
import { type Address, zeroAddress, zeroHash } from 'viem'
import type { Match } from '../src/calls/leases.ts'
import { type Ask, signAsk } from '../src/documents/ask.ts'
import { type Bid, signBid } from '../src/documents/bid.ts'
import { schemeLeaf, schemeProof, schemesRoot } from '../src/documents/scheme.ts'
import type { TestChain } from './chain.ts'

export const GIGA = 10n ** 9n

export interface Parties {
  tasker: number
  provider: number
}

/** Signed orders of two of the chain's accounts, and the match that opens them whole. */
export async function matchOf(
  chain: TestChain,
  { tasker, provider }: Parties,
  changes: { ask?: Partial<Ask>; bid?: Partial<Bid>; match?: Partial<Match> } = {},
): Promise<Match> {
  const now = await chain.now()
  const address = (index: number) => chain.account(index).address.toLowerCase() as Address
  const ask: Ask = {
    account: address(provider),
    key: address(provider),
    token: chain.contracts.token,
    price: 1_000_003n,
    jobFuel: GIGA / 10n,
    capacity: 1_000n * GIGA,
    minFuel: 1n,
    maxFuel: 10n * GIGA,
    collateral: 2_000_007n,
    retainer: 11n,
    claimFee: 13n,
    lateFee: 17n,
    memoryPages: 1_024,
    maxLease: 1_000_000n,
    minGrace: 60n,
    maxWindow: 86_400n,
    maxDispute: 86_400n,
    schemes: schemesRoot([chain.scheme]),
    feeTo: zeroAddress,
    makerFee: 100,
    takerFee: 200,
    expiry: now + 1_000_000n,
    nonce: 1n,
    ...changes.ask,
  }
  const bid: Bid = {
    account: address(tasker),
    key: address(tasker),
    token: chain.contracts.token,
    maxPrice: 1_000_003n,
    maxJobFuel: GIGA,
    fuel: 7n * GIGA + 1n,
    minFuel: 1n,
    maxFuel: 5n * GIGA,
    collateral: 1n,
    maxRetainer: 100n,
    maxClaimFee: 100n,
    minLateFee: 0n,
    memoryPages: 16,
    grace: 600n,
    window: 3_600n,
    disputeLimit: 3_600n,
    scheme: schemeLeaf(chain.scheme),
    bond: 50n,
    end: now + 100_000n,
    attemptTime: 0n,
    store: `0x${'0'.repeat(39)}1`,
    provider: zeroAddress,
    feeTo: zeroAddress,
    makerFee: 300,
    takerFee: 400,
    attempts: 1,
    job: zeroHash,
    expiry: now + 1_000_000n,
    nonce: 1n,
    ...changes.bid,
  }
  return {
    ask,
    askSignature: await signAsk(chain.account(provider), chain.domain, ask),
    bid,
    bidSignature: await signBid(chain.account(tasker), chain.domain, bid),
    seq: 0n,
    fuel: bid.fuel,
    bidIsMaker: false,
    scheme: chain.scheme,
    schemeProof: schemeProof([chain.scheme], chain.scheme),
    previous: [],
    ...changes.match,
  }
}
