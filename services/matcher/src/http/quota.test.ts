import { describe, expect, it } from 'vitest'
import { Quota } from './quota.ts'

describe('Quota', () => {
  const quota = () => new Quota({ burst: 10, perSecond: 5 })

  it('lets a burst through and then says how long to wait', () => {
    const limits = quota()
    expect(limits.take('a', 10, 0)).toBe(0)
    expect(limits.take('a', 1, 0)).toBe(200)
    expect(limits.take('a', 1, 200)).toBe(0)
  })
  it('keeps strangers apart', () => {
    const limits = quota()
    limits.take('a', 10, 0)
    expect(limits.take('b', 10, 0)).toBe(0)
  })
  it('goes into debt for what was bad, and never above the burst', () => {
    const limits = quota()
    limits.charge('a', 20, 0)
    expect(limits.take('a', 1, 2_000)).toBe(200)
    expect(limits.take('a', 11, 1_000_000)).toBeGreaterThan(0)
  })
  it('forgets only those that are full again', () => {
    const limits = quota()
    limits.take('a', 10, 0)
    limits.sweep(1_000)
    expect(limits.take('a', 6, 1_000)).toBe(200)
  })
})
