import { type Bid, type Job, leastDispute, leastWindow, schemeLeaf } from '@millrace/sdk'
import { describe, expect, it } from 'vitest'
import {
  address,
  askEntry,
  bidEntry,
  hash,
  job,
  NOW,
  PROOF_SCHEME,
  provable,
} from '../../test/support/orders.ts'
import type { AskEntry, BidEntry } from './entry.ts'
import { type Misfit, misfit, misfits, quantity } from './misfit.ts'

/** Memory of a program whose results can be proven. */
const PAGES = 256
const rich = { proofScheme: PROOF_SCHEME, now: NOW, purse: () => 10n ** 18n }
const fits = { bid: bidEntry(1), ask: askEntry(2) }

describe('misfit', () => {
  it('is undefined for orders that fit, at the very limits too', () => {
    expect(misfit(fits.bid, fits.ask, rich)).toBeUndefined()
    const bid = bidEntry(1, {
      maxPrice: 100n,
      collateral: 500n,
      memoryPages: 1_024,
      maxFuel: 10_000_000_000n,
      end: NOW + 3_600n,
      window: 7_200n,
      disputeLimit: 7_200n,
      maxClaimFee: 5n,
      maxRetainer: 0n,
      minLateFee: 5n,
      expiry: NOW + 1n,
    })
    expect(misfit(bid, askEntry(2), rich)).toBeUndefined()
  })

  const spoiled: [Misfit, BidEntry, AskEntry][] = [
    ['bid-expired', bidEntry(1, { expiry: NOW }), fits.ask],
    ['ask-expired', fits.bid, askEntry(2, { expiry: NOW })],
    ['bid-ended', bidEntry(1, { end: NOW }), fits.ask],
    ['token', bidEntry(1, { token: address(7) }), fits.ask],
    ['provider-not-named', bidEntry(1, { provider: address(7) }), fits.ask],
    ['provider-failed-before', bidEntry(1, {}, { excluded: [fits.ask.ask.account] }), fits.ask],
    ['chain-refused', bidEntry(1, {}, { barred: new Set([fits.ask.digest]) }), fits.ask],
    ['scheme', bidEntry(1, { scheme: hash(7) }), fits.ask],
    ['price', bidEntry(1, { maxPrice: 99n }), fits.ask],
    ['job-fuel', bidEntry(1, { maxJobFuel: 9_999_999n }), fits.ask],
    ['retainer', fits.bid, askEntry(2, { retainer: 11n })],
    ['claim-fee', bidEntry(1, { maxClaimFee: 4n }), fits.ask],
    ['late-fee', bidEntry(1, { minLateFee: 6n }), fits.ask],
    ['collateral', bidEntry(1, { collateral: 501n }), fits.ask],
    ['memory', bidEntry(1, { memoryPages: 1_025 }), fits.ask],
    ['job-too-large', fits.bid, askEntry(2, { maxFuel: 999_999_999n })],
    ['capacity', fits.bid, askEntry(2, {}, { remaining: 999_999_999n })],
    ['lease-too-small', fits.bid, askEntry(2, { minFuel: 2_000_000_001n })],
    ['lease-too-long', bidEntry(1, { end: NOW + 3_601n }), fits.ask],
    ['grace', bidEntry(1, { grace: 59n }), fits.ask],
    ['window', bidEntry(1, { window: 7_201n }), fits.ask],
    ['dispute-limit', bidEntry(1, { disputeLimit: 7_201n }), fits.ask],
    ['window-too-short', bidEntry(1, { window: 239n }), fits.ask],
    ['dispute-too-short', bidEntry(1, { disputeLimit: 239n }), fits.ask],
  ]
  it.each(spoiled)('names %s, and nothing else', (reason, bid, ask) => {
    expect([...misfits(bid, ask, rich)].map((miss) => miss.reason)).toEqual([reason])
  })

  it('names provider-funds where the collateral is not there, with what is missing', () => {
    const poor = { proofScheme: PROOF_SCHEME, now: NOW, purse: () => 999n }
    expect([...misfits(fits.bid, fits.ask, poor)]).toEqual([
      { reason: 'provider-funds', wants: 1_000n, has: 999n },
    ])
  })

  it('takes less than the least where it is all that is left, of the bid or of the ask', () => {
    const rest = bidEntry(1, {}, { remaining: 5n })
    expect(misfit(rest, askEntry(2, { minFuel: 1n }), rich)).toBeUndefined()
    const last = askEntry(2, { minFuel: 10_000_000_000n }, { remaining: 1_500_000_000n })
    expect(misfit(bidEntry(1), last, rich)).toBeUndefined()
    expect(misfit(rest, last, rich)).toBe('lease-too-small')
  })

  describe('where whoever is right proves it', () => {
    const leaf = schemeLeaf(provable)
    const ask = askEntry(
      2,
      { maxFuel: 10n ** 12n, maxWindow: 10n ** 6n, maxDispute: 10n ** 6n },
      { schemes: [provable], leaves: [leaf] },
    )
    const bid = (changes: Partial<Bid>, carried?: Job) =>
      bidEntry(1, { scheme: leaf, memoryPages: PAGES, ...changes }, { scheme: provable, job: carried })
    const fuel = 10_000_000_000n
    const [disputeLimit, window] = [leastDispute(fuel, PAGES), leastWindow(fuel)]

    it('takes what fits the clock to the second', () => {
      const reasons = (changes: Partial<Bid>) =>
        [...misfits(bid({ maxFuel: fuel, disputeLimit, window, ...changes }), ask, rich)].map(
          (miss) => miss.reason,
        )
      expect(reasons({})).toEqual([])
      expect(reasons({ disputeLimit: disputeLimit - 1n })).toEqual(['proof-clock'])
      expect(reasons({ window: window - 1n })).toEqual(['proof-window'])
      expect(reasons({ maxFuel: 2n * fuel })).toEqual(['proof-window', 'proof-clock'])
      // More memory takes longer to hash.
      expect(reasons({ memoryPages: 4 * PAGES })).toEqual(['proof-clock'])
    })
    it('asks of a bid with its job what that job needs', () => {
      const small = bid({ maxFuel: fuel, disputeLimit: leastDispute(job.fuel, PAGES) }, job)
      expect(misfit(small, ask, rich)).toBeUndefined()
    })
    it('asks nothing where an arbiter judges', () => {
      const judged = bidEntry(1, { maxFuel: fuel, disputeLimit: 240n, window: 240n })
      expect(misfit(judged, askEntry(2, { maxFuel: fuel }), rich)).toBeUndefined()
    })
  })

  it('lets an attempt end before the bid does', () => {
    const bid = bidEntry(1, { end: NOW + 36_000n, attemptTime: 3_600n }, { job })
    expect(misfit(bid, fits.ask, rich)).toBeUndefined()
  })
})

describe('quantity', () => {
  it('is what both have left', () => {
    expect(quantity(fits.bid, askEntry(2, {}, { remaining: 1_500_000_000n }))).toBe(1_500_000_000n)
  })
  it('is all of a bid that carries its job', () => {
    expect(quantity(bidEntry(1, {}, { job }), askEntry(2, {}, { remaining: 1n }))).toBe(2_000_000_000n)
  })
})
