import { describe, expect, it } from 'vitest'
import { bumpedFees, freshFees } from './fees.ts'

describe('freshFees', () => {
  it('covers a base fee that doubles', () => {
    expect(freshFees(10n, 3n)).toEqual({ maxFeePerGas: 23n, maxPriorityFeePerGas: 3n })
  })
})

describe('bumpedFees', () => {
  it('offers an eighth more of both, so that nodes take the replacement', () => {
    const old = freshFees(1_000n, 1_000n)
    expect(bumpedFees(old, 1_000n, 1_000n)).toEqual({ maxFeePerGas: 3_376n, maxPriorityFeePerGas: 1_126n })
  })
  it('follows a gas spike', () => {
    expect(bumpedFees(freshFees(10n, 3n), 1_000n, 3n)).toEqual({
      maxFeePerGas: 2_003n,
      maxPriorityFeePerGas: 4n,
    })
  })
})
