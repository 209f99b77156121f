import fc from 'fast-check'
import { zeroHash } from 'viem'
import { describe, expect, it } from 'vitest'
import type { Sibling } from './claim.ts'
import { suspectLeaves } from './suspectLeaves.ts'

/** A claim's sums alone: which leaves are suspect does not depend on hashes. */
function claimOf(amounts: readonly bigint[]) {
  const places = 2 ** Math.ceil(Math.log2(amounts.length))
  const levels = [Array.from({ length: places }, (_, index) => amounts[index] ?? 0n)]
  while (levels.at(-1)!.length > 1) {
    const below = levels.at(-1)!
    levels.push(Array.from({ length: below.length / 2 }, (_, at) => below[2 * at]! + below[2 * at + 1]!))
  }
  const pathOf = (index: number): Sibling[] =>
    levels.slice(0, -1).map((level, height) => ({ hash: zeroHash, sum: level[(index >> height) ^ 1]! }))
  return { claim: { root: zeroHash, count: amounts.length, sum: levels.at(-1)![0]! }, pathOf }
}

const heldOf = (amounts: readonly bigint[]) => new Map(amounts.map((amount, index) => [index, amount]))

/** Demands round by round, each answered but for the lies. The round that finds one; 0 where nothing is suspect. */
function roundOfLie(
  amounts: readonly bigint[],
  held: ReadonlyMap<number, bigint>,
  lies: ReadonlySet<number>,
  random: () => number,
): number {
  const { claim, pathOf } = claimOf(amounts)
  const shown: { index: number; path: Sibling[] }[] = []
  for (let round = 1; ; round++) {
    const demanded = suspectLeaves({ claim, held, shown, random })
    expect(demanded.length).toBeLessThanOrEqual(16)
    expect(demanded.filter((index) => shown.some((leaf) => leaf.index === index))).toEqual([])
    if (demanded.length === 0) return 0
    if (demanded.some((index) => lies.has(index))) return round
    shown.push(...demanded.map((index) => ({ index, path: pathOf(index) })))
  }
}

describe('suspectLeaves', () => {
  it('finds an invented leaf among 2^14 places in three rounds, wherever it hides', () => {
    const place = fc.integer({ min: 0, max: 9_999 })
    const draws = fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true }))
    fc.assert(
      fc.property(place, fc.integer({ min: 9_000, max: 10_000 }), draws, (at, count, stream) => {
        const lie = at % count
        const amounts = Array.from({ length: count }, (_, index) => BigInt(index % 7))
        const held = heldOf(amounts)
        held.delete(lie)
        amounts[lie] = 100n
        const round = roundOfLie(amounts, held, new Set([lie]), () => stream.next().value as number)
        expect(round).toBeGreaterThan(0)
        expect(round).toBeLessThanOrEqual(3)
      }),
      { numRuns: 30 },
    )
  })

  it('finds one of several, and one beside results that were never delivered', () => {
    const amounts = Array.from({ length: 300 }, () => 5n)
    const held = heldOf(amounts)
    for (const index of [7, 8, 250]) held.delete(index)
    // 7 and 250 are signed though not held: shown when demanded, and no longer suspect.
    expect(roundOfLie(amounts, held, new Set([8]), () => 0)).toBeGreaterThan(0)
    expect(roundOfLie(amounts, held, new Set([7, 8, 250]), () => 0)).toBeLessThanOrEqual(2)
  })

  it('suspects nothing in an honest claim, and nothing any more once all was shown', () => {
    const amounts = [3n, 0n, 4n]
    const { claim } = claimOf(amounts)
    const honest = { claim, held: heldOf(amounts), shown: [], random: () => 0 }
    expect(suspectLeaves(honest)).toEqual([])
    expect(suspectLeaves({ ...honest, claim: { root: zeroHash, count: 0, sum: 0n } })).toEqual([])
    const held = new Map([[0, 3n]])
    expect(suspectLeaves({ ...honest, held })).toEqual([0, 1, 2, 3])
    expect(roundOfLie(amounts, held, new Set(), () => 0)).toBe(0)
  })

  it('knows the only leaf of a job lease', () => {
    const { claim } = claimOf([9n])
    expect(suspectLeaves({ claim, held: new Map(), shown: [], random: () => 0 })).toEqual([0])
    expect(
      suspectLeaves({ claim, held: new Map(), shown: [{ index: 0, path: [] }], random: () => 0 }),
    ).toEqual([])
  })
})
