/** Random modules on V8 as they are, beside their canonical programs. */
import { describe, expect, it } from 'vitest'
import { BATCH, batchesOf, SEED } from './budget.ts'
import { compare, type Sightings } from './compare.ts'

const batches = batchesOf({ quick: 8, deep: 400 })

describe(`${batches.length * BATCH} modules of our own generator (FUZZ_SEED=${SEED})`, () => {
  const sightings: Sightings = new Map()

  it.each(batches)('from seed %i on do as programs what they do on V8', (first) => {
    const wrong: string[] = []
    for (let seed = first; seed < first + BATCH; seed++) {
      const found = outcomeOf(seed, sightings)
      if (found) wrong.push(`node machine/test/fuzz/reproduce.ts ${seed}: ${found}`)
    }
    expect(wrong).toEqual([])
  })

  it('come to values, traps and both limits', () => {
    const seen = [...sightings.keys()]
    for (const what of ['value', 'trap: unreachable', 'out of fuel', 'stack exhausted'])
      expect(seen).toContain(what)
    // Otherwise most calls would end before they did anything.
    expect(sightings.get('value')! / [...sightings.values()].reduce((a, b) => a + b)).toBeGreaterThan(0.4)
  })
})

/** A crash of the pass is a finding like any other, and must not hide those after it. */
function outcomeOf(seed: number, sightings: Sightings): string | null {
  try {
    return compare(seed, sightings)
  } catch (error) {
    return String(error)
  }
}
