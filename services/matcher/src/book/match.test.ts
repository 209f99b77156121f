import { describe, expect, it } from 'vitest'
import { askEntry, bidEntry, job, NOW, PROOF_SCHEME } from '../../test/support/orders.ts'
import { chooseAsk, matchBook, pair } from './match.ts'

const rich = { proofScheme: PROOF_SCHEME, now: NOW, purse: () => 10n ** 18n }

describe('chooseAsk', () => {
  it('takes the cheapest that fits, whatever came first', () => {
    const asks = [askEntry(1), askEntry(2, { price: 90n }), askEntry(3, { price: 80n, memoryPages: 1 })]
    expect(chooseAsk(bidEntry(9), asks, rich)).toBe(asks[1])
  })

  it('takes the older of two at one price, in whatever order they are given', () => {
    const asks = [askEntry(2), askEntry(1)]
    expect(chooseAsk(bidEntry(9), asks, rich)).toBe(asks[1])
    expect(chooseAsk(bidEntry(9), asks.toReversed(), rich)).toBe(asks[1])
  })

  it('weighs flat prices by the work of the job', () => {
    const flat = askEntry(1, { price: 100n, jobFuel: 100_000_000n })
    const plain = askEntry(2, { price: 105n, jobFuel: 0n })
    const small = { ...job, fuel: 900_000_000n }
    const large = { ...job, fuel: 9_000_000_000n }
    const bid = (carried: typeof job) => bidEntry(9, { maxJobFuel: 100_000_000n }, { job: carried })
    expect(chooseAsk(bid(small), [flat, plain], rich)).toBe(plain)
    expect(chooseAsk(bid(large), [flat, plain], rich)).toBe(flat)
  })
})

describe('matchBook', () => {
  it('serves who pays more first, then who came first', () => {
    const asks = [askEntry(1, {}, { remaining: 4_000_000_000n })]
    const bids = [bidEntry(2), bidEntry(3, { maxPrice: 130n }), bidEntry(4)]
    const served = matchBook(bids, asks, rich).map((pairing) => pairing.bid)
    expect(served).toEqual([bids[1]!.digest, bids[0]!.digest])
  })

  it('never pairs more than an ask has, nor changes the entries it was given', () => {
    const asks = [askEntry(1, {}, { remaining: 3_000_000_000n })]
    const pairings = matchBook([bidEntry(2), bidEntry(3), bidEntry(4)], asks, rich)
    expect(pairings.map((pairing) => pairing.fuel)).toEqual([2_000_000_000n, 1_000_000_000n])
    expect(asks[0]!.remaining).toBe(3_000_000_000n)
  })

  it('spends no money twice, of either side', () => {
    // A lease of two gigafuel locks 1,000 of the provider and 205 of the tasker.
    const asks = [askEntry(1), askEntry(2)]
    const bids = [bidEntry(3), bidEntry(4)]
    const onePerProvider = { proofScheme: PROOF_SCHEME, now: NOW, purse: () => 1_500n }
    expect(matchBook(bids, asks, onePerProvider).map(({ ask }) => ask)).toEqual(asks.map((a) => a.digest))

    const tasker = bids[0]!.bid.account
    const sameTasker = [bids[0]!, bidEntry(4, { account: tasker })]
    const oneForTasker = {
      proofScheme: PROOF_SCHEME,
      now: NOW,
      purse: (a: string) => (a === tasker ? 409n : 10n ** 9n),
    }
    expect(matchBook(sameTasker, asks, oneForTasker)).toHaveLength(1)
  })
})

describe('pair', () => {
  it('makes the older order the maker and locks its fee', () => {
    const fees = { makerFee: 100, takerFee: 1_000 }
    const pairing = pair(bidEntry(1, fees), askEntry(2, { retainer: 10n }))
    // 2 gigafuel at 100, retainer 10, claim fee 5, 1 % of 215 rounded up.
    expect(pairing).toMatchObject({ bidIsMaker: true, locks: { tasker: 218n, provider: 1_000n } })
    expect(pair(bidEntry(3, fees), askEntry(2)).locks.tasker).toBe(226n)
  })
})
