import fc from 'fast-check'
import { concatHex, keccak256 } from 'viem'
import { describe, expect, it } from 'vitest'
import { hex } from '../../test/arbitrary.ts'
import { firstLevelOf, fuelOfLevel, gridOf, levelOf, rootOf, SECTIONS, sectionOf, stepsOf } from './split.ts'

describe('levels', () => {
  it('hold every run with the fuel, and no level below does', () =>
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (fuel) => {
        const level = levelOf(fuel)
        const steps = 32n * (fuel + 64n)
        expect(32n ** BigInt(level)).toBeGreaterThanOrEqual(steps)
        expect(32n ** BigInt(level - 1)).toBeLessThan(steps)
        expect(level).toBeGreaterThanOrEqual(3)
        expect(level).toBeLessThanOrEqual(14)
        expect(levelOf(fuelOfLevel(level))).toBe(level)
        expect(levelOf(fuelOfLevel(level) + 1n)).toBe(level + 1)
      }),
    ))

  it('of a first split are the least that hold the run', () => {
    expect(
      [1n, 32n, 33n, 1_024n, 1_025n, 2n ** 30n, 2n ** 30n + 1n].map((steps) => firstLevelOf(steps, 13)),
    ).toEqual([...[0, 0, 1, 1, 2, 5, 6]])
    expect(firstLevelOf(2n ** 60n, 4)).toBe(4)
  })
})

describe('gridOf', () => {
  it('ends at 32 equal sections', () => {
    const grid = gridOf(2, 7n)
    expect(grid).toHaveLength(SECTIONS)
    expect(grid[0]).toBe(7n + 1_024n)
    expect(grid.at(-1)).toBe(7n + 32n ** 3n)
    expect(stepsOf(2, 3)).toBe(3n * 1_024n)
  })
})

describe('sectionOf', () => {
  it('leads from both ends of a section to the root', () =>
    fc.assert(
      fc.property(
        hex(32),
        fc.array(hex(32), { minLength: 32, maxLength: 32 }),
        fc.nat(31),
        (start, ends, index) => {
          const section = sectionOf({ start, ends }, index)
          expect([section.from, section.to]).toEqual([ends[index - 1] ?? start, ends[index]])
          let hash = keccak256(concatHex([section.from, section.to]))
          for (const [level, beside] of section.siblings.entries()) {
            hash = keccak256(concatHex((index >> level) & 1 ? [beside, hash] : [hash, beside]))
          }
          expect(hash).toBe(rootOf({ start, ends }))
        },
      ),
    ))
})
