/** What the pass charges, beside what is executed: every instruction is paid for, and not much besides. */
import { describe, expect, it } from 'vitest'
import { canonicalOf } from '../../src/testing/guest.ts'
import { callsOf, Subject } from './behaviour.ts'
import { BATCH, batchesOf, SEED } from './budget.ts'
import { leavesRawNaN } from './compare.ts'
import { countInstructions, EXECUTED_EXPORT } from './countInstructions.ts'
import { GLOBALS_EXPORT, generateModule } from './generateModule.ts'

const batches = batchesOf({ quick: 2, deep: 100 })

describe(`${batches.length * BATCH} modules with a counter of their own (FUZZ_SEED=${SEED})`, () => {
  const ratios: number[] = []

  it.each(batches)('from seed %i on use as much fuel as they execute instructions, or more', (first) => {
    for (let seed = first; seed < first + BATCH; seed++) {
      const specimen = generateModule(seed)
      const folded = subjectOf(specimen.plain)
      // Both are canonical, so that no NaN sends them different ways.
      const counting = subjectOf(countInstructions(specimen.plain))
      // A step looks at the globals as well, always in as many instructions: these are two looks.
      counting.step(GLOBALS_EXPORT, [])
      const looking = counting.global(EXECUTED_EXPORT) / 2n
      for (const { name, args } of callsOf(specimen, seed)) {
        const before = counting.global(EXECUTED_EXPORT)
        const paid = folded.step(name, args)
        const counted = counting.step(name, args)
        // Its frames are larger, so it may go less deep.
        if (paid.outcome !== counted.outcome) break
        const executed = counting.global(EXECUTED_EXPORT) - before - looking
        expect(paid.fuel >= executed, `seed ${seed}, ${paid.call}: ${paid.fuel} for ${executed}`).toBe(true)
        if (leavesRawNaN(paid, counted) || leavesRawNaN(counted, paid)) break
        if (executed > 100n) ratios.push(Number(paid.fuel) / Number(executed))
      }
    }
  })

  it('are mostly charged no more than five units an instruction', () => {
    ratios.sort((a, b) => a - b)
    expect(ratios.length).toBeGreaterThan(100 * batches.length)
    // Weights of random modules are higher than of programs, and growth and long operands cost more than that.
    expect(ratios[ratios.length >> 1]).toBeLessThan(5)
  })
})

function subjectOf(bytes: Uint8Array): Subject {
  return new Subject(new WebAssembly.Module(canonicalOf(bytes).canonical), true)
}
