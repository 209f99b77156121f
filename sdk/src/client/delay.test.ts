import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoff, delay } from './delay.ts'

describe('backoff', () => {
  it('grows up to its bound, and differs by chance', () => {
    const bounds = { first: 100, most: 1_000 }
    expect([0, 1, 2, 3, 4, 99].map((attempt) => backoff(attempt, bounds, () => 0))).toEqual([
      50, 100, 200, 400, 500, 500,
    ])
    fc.assert(
      fc.property(fc.nat(1_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, chance) => {
        const wait = backoff(attempt, bounds, () => chance)
        expect(wait).toBeGreaterThanOrEqual(50)
        expect(wait).toBeLessThanOrEqual(1_000)
      }),
    )
  })
})

describe('delay', () => {
  it('is called off at once, with the reason', async () => {
    const stop = new AbortController()
    const waiting = delay(60_000, stop.signal)
    stop.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await expect(delay(60_000, stop.signal)).rejects.toThrow('enough')
    await expect(delay(0)).resolves.toBeUndefined()
  })
})
