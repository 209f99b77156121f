import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { taskerLock } from '../documents/lock.ts'
import { affordableFuel, highestPrice } from './affordableQuote.ts'

describe('affordableFuel', () => {
  const amount = fc.bigInt(0n, 10n ** 30n)
  const small = fc.bigInt(0n, 10n ** 12n)
  const quotes = fc.record({
    price: fc.bigInt(1n, 10n ** 24n),
    jobFuel: small,
    retainer: small,
    claimFee: small,
  })
  const arbitrary = fc.tuple(
    quotes,
    amount,
    fc.integer({ min: 0, max: 10_000 }),
    fc.integer({ min: 1, max: 100 }),
  )

  const worst =
    (quote: { price: bigint; jobFuel: bigint; retainer: bigint; claimFee: bigint }, taskerFee: number) =>
    (fuel: bigint, jobs: number) =>
      taskerLock({ ...quote, fuel: fuel + BigInt(jobs) * quote.jobFuel, taskerFee })

  it('stays within the budget, and uses it', () => {
    fc.assert(
      fc.property(arbitrary, ([quote, budget, fee, jobs]) => {
        const parts = { ...quote, compute: 0n, flat: 0n, matcherFee: 0n }
        const fuel = affordableFuel({ ...quote, parts }, budget, fee, jobs)
        fc.pre(fuel > 0n)
        const most = worst(quote, fee)
        expect(most(fuel, jobs)).toBeLessThanOrEqual(budget)
        // A whole gigafuel more costs at least the price; less may hide in the rounding of the fee.
        expect(most(fuel + 2n * 10n ** 9n, jobs)).toBeGreaterThan(budget)
      }),
    )
  })
})

describe('highestPrice', () => {
  const quote = {
    price: 100n,
    jobFuel: 10n ** 7n,
    parts: { compute: 0n, flat: 0n, matcherFee: 0n, retainer: 7n, claimFee: 3n },
  }

  it('reaches as far as the budget does, fee and all, and no further', () => {
    const [fuel, fee, budget] = [10n ** 9n, 75, 1_000_000n]
    const lockAt = (price: bigint) =>
      taskerLock({ price, fuel: fuel + quote.jobFuel, retainer: 7n, claimFee: 3n, taskerFee: fee })
    const price = highestPrice(quote, budget, fee, fuel)
    expect(lockAt(price)).toBeLessThanOrEqual(budget)
    expect(lockAt(price + 2n)).toBeGreaterThan(budget)
  })

  it('never falls below the quote', () => {
    expect(highestPrice(quote, 0n, 75, 10n ** 9n)).toBe(100n)
  })
})
