/** Random modules by single steps, beside V8 on the same canonical programs. */
import { describe, expect, it } from 'vitest'
import { Dice } from '../../src/random/dice.ts'
import { LIMITS, SteppedProgram } from '../../src/testing/steppedProgram.ts'
import { callsOf } from './behaviour.ts'
import { BATCH, batchesOf, SEED } from './budget.ts'
import { ENDLESS_EXPORT, generateModule } from './generateModule.ts'
import { withoutImport } from './randomStarts.ts'

const batches = batchesOf({ quick: 2, deep: 100 })
/** The reference makes shorter calls, too. */
const MOST_REFERENCE_STEPS = 1_000

/** What a trap leaves in memory on V8 alone is no difference: once these were taken for one. */
const RAW_NANS = [2130177025, 2130180123]

/** How calls ended, by status. */
type Sightings = Map<number, number>

/** What is different for a seed, or nothing. Each call begins with what those before it left. */
function differenceOf(seed: number, sightings: Sightings): string | undefined {
  const specimen = generateModule(seed)
  const options = { mostReferenceSteps: MOST_REFERENCE_STEPS }
  const program = new SteppedProgram(withoutImport(specimen.plain), options)
  const dice = new Dice(seed)
  const limits = () => ({
    fuel: dice.chance(0.2) ? BigInt(dice.below(500)) : LIMITS.fuel,
    depth: dice.chance(0.2) ? dice.below(500) : LIMITS.depth,
  })
  const endless = specimen.endless ? [{ name: ENDLESS_EXPORT, args: [] }] : []
  const { outcome, different } = program.start()
  if (different) return `at its start: ${different}`
  if (outcome.status !== 1) return undefined
  for (const { name, args } of [...callsOf(specimen, seed), ...endless]) {
    const slots = args.map((value) =>
      typeof value === 'bigint' ? BigInt.asUintN(64, value) : BigInt.asUintN(32, BigInt(value as number)),
    )
    const { outcome, different } = program.call(name, slots, limits())
    sightings.set(outcome.status, (sightings.get(outcome.status) ?? 0) + 1)
    if (different) return `${name}(${slots}): ${different}`
  }
  return undefined
}

describe(`${batches.length * BATCH} modules of our own generator, step by step (FUZZ_SEED=${SEED})`, () => {
  const sightings: Sightings = new Map()

  it.each(batches)(
    'from seed %i on come to what they come to on V8',
    (first) => {
      const wrong: string[] = []
      for (let seed = first; seed < first + BATCH; seed++) {
        const different = differenceOf(seed, sightings)
        if (different) wrong.push(`seed ${seed}: ${different}`)
      }
      expect(wrong).toEqual([])
    },
    process.env.MILLRACE_DEEP ? 3_600_000 : 180_000,
  )

  it('may trap between the store of a raw NaN and the look at it', () => {
    for (const seed of RAW_NANS) expect(differenceOf(seed, new Map())).toBeUndefined()
  })

  it('end by themselves, by traps and by both limits', () => {
    expect([...sightings.keys()].sort()).toEqual([1, 2, 3, 4])
  })
})
