import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Fees, feesAt, leastReplacement, MOST_TIP, replacementFees } from './fees.ts'

const GWEI = 10n ** 9n
const market = { baseFee: 20n * GWEI, tip: GWEI }
const wei = fc.bigInt(0n, 10n ** 13n)
const markets = fc.record({ baseFee: wei, tip: wei })

describe('feesAt', () => {
  it('begins at twice the base fee, and reaches eight of them and 64 tips', () => {
    expect(feesAt(market, 0)).toEqual({ maxFeePerGas: 41n * GWEI, maxPriorityFeePerGas: GWEI })
    expect(feesAt(market, 1)).toEqual({ maxFeePerGas: 224n * GWEI, maxPriorityFeePerGas: 64n * GWEI })
    expect(feesAt(market, 7)).toEqual(feesAt(market, 1))
  })

  it('offers no tip beyond a bound, whatever a node says is usual', () => {
    const lies = { baseFee: 10n ** 18n, tip: 10n ** 18n }
    expect(feesAt(lies, 0).maxPriorityFeePerGas).toBe(MOST_TIP)
    expect(feesAt(lies, 1).maxPriorityFeePerGas).toBe(MOST_TIP)
    expect(replacementFees(feesAt(lies, 0), { ...lies, baseFee: 0n }, 1)).toBeUndefined()
  })

  it('never falls while time passes', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(markets, share, share, (at, a, b) => {
        const [early, late] = [Math.min(a, b), Math.max(a, b)].map((spent) => feesAt(at, spent))
        expect(late!.maxFeePerGas).toBeGreaterThanOrEqual(early!.maxFeePerGas)
        expect(late!.maxPriorityFeePerGas).toBeGreaterThanOrEqual(early!.maxPriorityFeePerGas)
        expect(late!.maxFeePerGas).toBeGreaterThanOrEqual(late!.maxPriorityFeePerGas)
      }),
    )
  })
})

describe('replacementFees', () => {
  it('are such that nodes take them, or none', () => {
    const isTaken = (before: Fees, after: Fees) =>
      (['maxFeePerGas', 'maxPriorityFeePerGas'] as const).every(
        (fee) => after[fee] * 10n >= before[fee] * 11n && after[fee] > before[fee],
      )
    fc.assert(
      fc.property(markets, markets, fc.double({ min: 0, max: 1, noNaN: true }), (old, now, spent) => {
        const before = feesAt(old, 0)
        const after = replacementFees(before, now, spent)
        if (after) expect(isTaken(before, after)).toBe(true)
        expect(isTaken(before, leastReplacement(before))).toBe(true)
      }),
    )
  })

  it('are none while what was offered still is enough', () => {
    expect(replacementFees(feesAt(market, 0), market, 0)).toBeUndefined()
    expect(replacementFees(feesAt(market, 0), market, 0.02)).toBeUndefined()
    expect(replacementFees(feesAt(market, 0), market, 0.5)).toEqual(feesAt(market, 0.5))
  })

  it('follow a base fee that rises', () => {
    const risen = { ...market, baseFee: 10n * market.baseFee }
    expect(replacementFees(feesAt(market, 0), risen, 0)!.maxFeePerGas).toBe(401n * GWEI)
  })
})
