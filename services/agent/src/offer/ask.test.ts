import { zeroAddress, zeroHash } from 'viem'
import { describe, expect, it } from 'vitest'
import { askOf, decideOffer, type Offer, type OfferPlace, type PostedAsk } from './ask.ts'

const offer: Offer = {
  price: 1_000n,
  jobFuel: 10n,
  capacity: 1_000n,
  minFuel: 1n,
  maxFuel: 90n,
  collateral: 500n,
  retainer: 0n,
  claimFee: 0n,
  lateFee: 0n,
  memoryPages: 16,
  maxLease: 86_400n,
  minGrace: 60n,
  maxWindow: 7_200n,
  maxDispute: 7_200n,
  lifetime: 3_600n,
}
const place: OfferPlace = {
  account: zeroAddress,
  key: zeroAddress,
  token: zeroAddress,
  schemes: [],
  schemesRoot: zeroHash,
  feeTo: zeroAddress,
  makerFee: 10,
  takerFee: 20,
}
const ask = askOf(offer, place, 1_000n, 7n)
const posted: PostedAsk = { ask, status: 'open', remaining: 1_000n }

describe('askOf', () => {
  it('expires after its lifetime and signs nothing but an ask', () => {
    expect(ask.expiry).toBe(1_000n + 3_600n)
    expect(ask.nonce).toBe(7n)
    expect(ask).not.toHaveProperty('lifetime')
  })
})

describe('decideOffer', () => {
  const wanted = askOf(offer, place, 2_000n, 8n)
  const decide = (change: Partial<PostedAsk>, now = 2_000n) =>
    decideOffer(wanted, { ...posted, ...change }, now, offer.lifetime)

  it('offers where nothing is offered', () => {
    expect(decideOffer(wanted, undefined, 2_000n, offer.lifetime).do).toBe('replace')
  })
  it.each([
    ['open', 'keep'],
    ['matched', 'keep'],
    ['filled', 'replace'],
    ['expired', 'replace'],
    ['cancelled', 'replace'],
    [undefined, 'repost'],
  ] as const)('given an order that the matcher calls %s: %s', (status, move) => {
    expect(decide({ status }).do).toBe(move)
  })
  it('renews in the last quarter of its lifetime', () => {
    expect(decide({}, 3_699n).do).toBe('keep')
    expect(decide({}, 3_700n).do).toBe('replace')
  })
  it('renews rather than repost what is about to expire', () => {
    expect(decide({ status: undefined }, 3_700n).do).toBe('replace')
  })
  it('replaces what has no room for the largest job', () => {
    expect(decide({ remaining: 100n }).do).toBe('keep')
    expect(decide({ remaining: 99n }).do).toBe('replace')
  })
  it('replaces it when the price changes', () => {
    expect(decide({ ask: { ...ask, price: 999n } }).do).toBe('replace')
  })
})
