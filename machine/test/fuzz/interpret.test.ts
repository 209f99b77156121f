/** The interpreter beside the reference, over random programs: the same states, wherever it stops. */
import { describe, expect, it } from 'vitest'
import { StepMachine } from '../../src/interpret/stepMachine.ts'
import { Dice } from '../../src/random/dice.ts'
import { ReferenceMachine } from '../../src/step/referenceMachine.ts'
import { differenceOf } from '../../src/testing/sameState.ts'
import { batchesOf, SEED } from './budget.ts'
import { randomStarts } from './randomStarts.ts'

const batches = batchesOf({ quick: 4, deep: 200 })
const BATCH = 5
const MOST_STEPS = 20_000

/** Stops near each other and far apart: one by one, within long runs, and behind the end. */
function compare(seed: number, statuses: Set<number>): string | undefined {
  const dice = new Dice(seed)
  const { lowered, states } = randomStarts(seed)
  for (const [i, start] of states.entries()) {
    const reference = new ReferenceMachine(start)
    let machine = StepMachine.restore(lowered, start, 0n)
    while (reference.registers.status === 0 && reference.steps < MOST_STEPS) {
      const ahead = dice.pick([1, dice.below(20), dice.below(1_000), dice.below(10_000)])
      machine.runTo(machine.steps + BigInt(ahead))
      for (let j = 0; j < ahead; j++) reference.step()
      const difference =
        machine.steps === reference.steps
          ? differenceOf(machine.state(), reference.state())
          : `steps: ${machine.steps} and ${reference.steps}`
      if (difference) return `seed ${seed}, function ${i}, step ${reference.steps}: ${difference}`
      if (dice.chance(0.2)) machine = StepMachine.restore(lowered, reference.state(), machine.steps)
    }
    statuses.add(reference.registers.status)
  }
  return undefined
}

describe(`${batches.length * BATCH} random programs (FUZZ_SEED=${SEED})`, () => {
  const statuses = new Set<number>()

  it.each(batches)('from seed %i on come to the reference’s states', (first) => {
    for (let seed = first; seed < first + BATCH; seed++) expect(compare(seed, statuses)).toBeUndefined()
  })

  it('end by themselves, by traps and by both limits', () => {
    expect([...statuses]).toEqual(expect.arrayContaining([1, 2, 3, 4]))
  })
})
