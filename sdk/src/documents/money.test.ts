import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mostOf, taskerLock, taskerLockParts } from './lock.ts'
import { amountOf, BASIS, feeOf, GIGAFUEL, lockOf } from './money.ts'

const uint = (bits: bigint) => fc.bigInt({ min: 0n, max: 2n ** bits - 1n })
const terms = fc.record({
  price: uint(64n),
  fuel: uint(60n),
  retainer: uint(60n),
  claimFee: uint(60n),
  taskerFee: fc.integer({ min: 0, max: Number(BASIS) }),
})

describe('money', () => {
  it('what is paid rounds down, what is put up rounds up', () => {
    expect(amountOf(3n, GIGAFUEL / 2n)).toBe(1n)
    expect(lockOf(3n, GIGAFUEL / 2n)).toBe(2n)
    expect(amountOf(3n, GIGAFUEL / 2n, GIGAFUEL / 2n)).toBe(3n)
    expect(feeOf(9_999n, 1)).toBe(0n)
  })

  it('a lock covers everything that a lease can come to, with its fee', () => {
    fc.assert(
      fc.property(terms, fc.bigInt({ min: 0n, max: 100n }), (lease, percent) => {
        const paid = (mostOf(lease) * percent) / 100n
        expect(taskerLock(lease) - paid - feeOf(paid, lease.taskerFee)).toBeGreaterThanOrEqual(0n)
      }),
    )
  })

  it('the parts add up to the lock', () => {
    fc.assert(
      fc.property(terms, (lease) => {
        const { compute, retainer, claimFee, fee } = taskerLockParts(lease)
        expect(compute + retainer + claimFee + fee).toBe(taskerLock(lease))
      }),
    )
  })

  it('jobs one by one never come to more than their fuel in one', () => {
    fc.assert(
      fc.property(uint(64n), fc.array(uint(40n), { maxLength: 20 }), uint(30n), (price, fuels, jobFuel) => {
        const sum = fuels.reduce((total, fuel) => total + amountOf(price, fuel, jobFuel), 0n)
        const whole = fuels.reduce((total, fuel) => total + fuel + jobFuel, 0n)
        expect(sum).toBeLessThanOrEqual(amountOf(price, whole))
      }),
    )
  })
})
