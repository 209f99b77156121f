import { describe, expect, it } from 'vitest'
import { ChainClock } from './clock.ts'

describe('ChainClock', () => {
  it('follows a chain that is set forward', () => {
    const clock = new ChainClock()
    expect(clock.now(5_000)).toBe(5n)
    expect(clock.see(3_605, 5_000)).toBe(true)
    expect(clock.now(6_000)).toBe(3_606n)
    expect(clock.until(3_610n, 6_000)).toBe(4_000)
  })
  it('does not fall behind with an idle chain', () => {
    const clock = new ChainClock()
    expect(clock.see(5, 100_000)).toBe(false)
    expect(clock.now(100_000)).toBe(100n)
  })
})
