import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GIGAFUEL } from '../documents/money.ts'
import { levelOf } from './split.ts'
import {
  clockOf,
  fitsClock,
  HASH_PACE,
  leastDispute,
  leastWindow,
  MOVE_SECONDS,
  mostFuelOf,
  playSeconds,
} from './times.ts'

const fuels = fc.bigInt({ min: 0n, max: 2n ** 45n })
const pages = fc.integer({ min: 0, max: 65_536 })

describe('times', () => {
  it('a side has the time for its run, its hashes and its moves', () => {
    // Ten gigafuel are 650 s of runs; level 8 has five moves a side.
    expect(playSeconds(10n * GIGAFUEL)).toBe(650n + 5n * MOVE_SECONDS)
    expect(leastWindow(10n * GIGAFUEL)).toBe(500n + 2n * MOVE_SECONDS)
  })

  it('counts the memory that a program can change', () => {
    const gibibyte = 16_384
    const splits = (33n * 2n ** 30n) / HASH_PACE
    // All of it in the states of the first split, and of a section's; in the third not all any more.
    const seconds = playSeconds(10n * GIGAFUEL, gibibyte) - playSeconds(10n * GIGAFUEL)
    expect(seconds).toBeGreaterThan(2n * splits)
    expect(seconds).toBeLessThan(3n * splits)
    // A job with little fuel changes little.
    expect(playSeconds(1_000_000n, gibibyte) - playSeconds(1_000_000n)).toBe(3n)
  })

  it('a clock of the least limit is enough, with what moves add', () => {
    fc.assert(
      fc.property(fuels, pages, (fuel, memoryPages) => {
        const limit = leastDispute(fuel, memoryPages)
        const level = BigInt(levelOf(fuel))
        const moves = level / 2n + 1n
        // Extensions of the contract: 8/64 over all levels, for each move but the last.
        const clock = clockOf(limit) + ((moves - 1n) * limit * 8n) / (64n * level)
        expect(clock + 2n).toBeGreaterThanOrEqual(playSeconds(fuel, memoryPages))
      }),
    )
  })

  it('more fuel and more memory never need less', () => {
    fc.assert(
      fc.property(fuels, fuels, pages, pages, (a, b, p, q) => {
        const [less, more] = a < b ? [a, b] : [b, a]
        const [few, many] = p < q ? [p, q] : [q, p]
        expect(leastDispute(less, few)).toBeLessThanOrEqual(leastDispute(more, many))
      }),
    )
  })

  it('finds the most fuel that fits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 600n, max: 700_000n }), pages, (seconds, memoryPages) => {
        const limits = { disputeLimit: seconds, window: seconds, memoryPages }
        const maxFuel = mostFuelOf(limits)
        if (maxFuel > 0n) expect(fitsClock({ ...limits, maxFuel })).toBe(true)
        expect(fitsClock({ ...limits, maxFuel: maxFuel + 1n })).toBe(false)
      }),
    )
  })

  it('a provider has four times a challenger’s clock', () => {
    expect([clockOf(6_400n), clockOf(6_400n, 'challenger'), clockOf(6_400n, 'provider')]).toEqual([
      ...[1_000n, 1_000n, 4_000n],
    ])
  })
})
