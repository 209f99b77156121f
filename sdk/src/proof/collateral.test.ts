import fc from 'fast-check'
import { zeroAddress } from 'viem'
import { describe, expect, it } from 'vitest'
import { GIGAFUEL } from '../documents/money.ts'
import {
  bondsLocked,
  checkingRateFor,
  collateralFor,
  collateralForGas,
  collateralRate,
  falseChallenge,
  liarsProfit,
  lieGain,
  lostByLiar,
  placesCost,
  shareSlash,
  watcherProfit,
} from './collateral.ts'

const scheme = { arbiter: zeroAddress, arbiterFee: 0n, taskerShare: 7_000, winnerShare: 1_000 }
const uint = (bits: bigint, min = 0n) => fc.bigInt({ min, max: 2n ** bits - 1n })
const rates = fc.integer({ min: 1, max: 1_000 }).map((mille) => mille / 1_000)
const winnerShares = fc.integer({ min: 0, max: 2_000 }).map((winnerShare) => ({ ...scheme, winnerShare }))

describe('a slash', () => {
  it('is shared as the lease book shares it', () => {
    expect(shareSlash(1_000n, scheme)).toEqual({
      ...{ toArbiter: 0n, toTasker: 700n, toWinner: 100n, burned: 200n },
    })
    const judged = { ...scheme, arbiter: `0x${'1'.repeat(40)}` as const, arbiterFee: 100n }
    expect(shareSlash(1_000n, judged)).toEqual({
      ...{ toArbiter: 100n, toTasker: 630n, toWinner: 90n, burned: 180n },
    })
    expect(shareSlash(1_000n, judged, false).toArbiter).toBe(0n)
  })

  it('burns a fifth, whatever the leaf says', () => {
    const greedy = { ...scheme, taskerShare: 10_000, winnerShare: 10_000 }
    expect(shareSlash(1_000n, greedy)).toEqual({
      ...{ toArbiter: 0n, toTasker: 700n, toWinner: 100n, burned: 200n },
    })
  })
})

describe('lying', () => {
  const terms = {
    ...{ price: 5n, jobFuel: GIGAFUEL, maxFuel: 9n * GIGAFUEL, fuel: 100n * GIGAFUEL },
    ...{ retainer: 3n, claimFee: 2n },
  }

  it('gains a largest job', () => {
    expect(lieGain(terms)).toBe(55n)
    expect(lieGain({ ...terms, fuel: 4n * GIGAFUEL })).toBe(25n)
  })

  it('is a loss from this collateral on', () => {
    // One in ten is checked: a liar must lose nine times its gain, and keeps a tenth of the collateral.
    expect(collateralFor({ gain: 100n, q: 0.1, scheme })).toBe(1_000n)
    expect(checkingRateFor({ gain: 100n, collateral: 1_000n, scheme })).toBe(0.1)
    expect(collateralFor({ gain: 100n, q: 1, scheme })).toBe(0n)
    expect(collateralRate(1_000n, 3n * GIGAFUEL)).toBe(334n)
  })

  it('earns nothing at that collateral, and something just below it', () => {
    fc.assert(
      fc.property(uint(96n, 1n), rates, winnerShares, (gain, q, scheme) => {
        const collateral = collateralFor({ gain, q, scheme })
        expect(liarsProfit({ gain, collateral, q, scheme })).toBeLessThanOrEqual(0n)
        if (q === 1) return
        // Rounding moves it by two units.
        const less = collateral - 3n
        expect(less < 0n || liarsProfit({ gain, collateral: less, q, scheme }) >= 0n).toBe(true)
      }),
    )
  })

  it('earns nothing at that checking rate', () => {
    fc.assert(
      fc.property(uint(64n, 1n), uint(64n, 1n), winnerShares, (gain, collateral, scheme) => {
        const q = checkingRateFor({ gain, collateral, scheme })
        expect(liarsProfit({ gain, collateral, q: Math.min(1, q + 1e-9), scheme })).toBeLessThanOrEqual(0n)
        if (q > 2e-9)
          expect(liarsProfit({ gain, collateral, q: q - 2e-9, scheme })).toBeGreaterThanOrEqual(0n)
      }),
    )
  })

  it('earns no more by many lies than by one: chosen one by one, they are found the sooner', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 2, max: 200 }), (q, lies) => {
        const gain = 10n ** 9n
        const lost = Number(lostByLiar(collateralFor({ gain, q, scheme }), scheme))
        const unseen = (1 - q) ** lies
        expect(lies * Number(gain) * unseen - (1 - unseen) * lost).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('says what cannot be', () => {
    expect(() => collateralFor({ gain: 1n, q: 0, scheme })).toThrow(RangeError)
    expect(() => collateralFor({ gain: 1n, q: 1.1, scheme })).toThrow(RangeError)
    expect(() => collateralFor({ gain: 1n, q: Number.NaN, scheme })).toThrow(RangeError)
    expect(checkingRateFor({ gain: 0n, collateral: 0n, scheme })).toBe(0)
    expect(checkingRateFor({ gain: 1n, collateral: 0n, scheme })).toBe(1)
  })
})

describe('watching', () => {
  const watch = { collateral: 10_000n, scheme, checking: 5n, playing: 200n }

  it('costs where nobody lies, and pays where enough do', () => {
    expect(watcherProfit({ ...watch, wrong: 0 })).toBe(-5n)
    // A reward of 1,000 less 200 of gas, once in a hundred checks.
    expect(watcherProfit({ ...watch, wrong: 0.01 })).toBe(3n)
    expect(watcherProfit({ ...watch, wrong: 0.01, rivals: 1 })).toBe(-2n)
  })

  it('pays its gas from this collateral on', () => {
    const price = { gas: 500_000n, baseFee: 10n ** 9n, tokenPerEther: 10n ** 18n }
    const collateral = collateralForGas({ ...price, scheme })
    expect(shareSlash(collateral, scheme).toWinner).toBe(price.gas * price.baseFee)
    expect(() => collateralForGas({ ...price, scheme: { ...scheme, winnerShare: 0 } })).toThrow(RangeError)
  })
})

describe('false challenges', () => {
  const challenge = {
    ...{ bond: 1_000n, scheme, defending: 800n, challenging: 200n, baseFee: 1n, tokenPerEther: 10n ** 18n },
  }

  it('cost the challenger its bond and gas, and the provider what the bond does not pay', () => {
    expect(falseChallenge(challenge)).toEqual({ challenger: 1_200n, provider: 0n })
    expect(falseChallenge({ ...challenge, baseFee: 2n })).toEqual({ challenger: 1_400n, provider: 800n })
    expect(falseChallenge({ ...challenge, nth: 3 })).toEqual({ challenger: 3_200n, provider: -1_600n })
  })

  it('grow dearer with their number', () => {
    expect(bondsLocked(10n, 1)).toBe(10n)
    expect(bondsLocked(10n, 4)).toBe(100n)
    expect(placesCost(10n, scheme)).toBe(bondsLocked(10n, 255) / 5n)
  })
})
