/** Compiled replay beside the interpreter, over random programs: the same states, wherever it stops. */
import { describe, expect, it } from 'vitest'
import { StepMachine } from '../../src/interpret/stepMachine.ts'
import { encodeInput } from '../../src/io/input.ts'
import { lower } from '../../src/lower/lower.ts'
import { Dice } from '../../src/random/dice.ts'
import { ReplayProgram } from '../../src/replay/replay.ts'
import { differenceOf } from '../../src/testing/sameState.ts'
import { batchesOf, SEED } from './budget.ts'
import { randomPrograms } from './randomPrograms.ts'

const batches = batchesOf({ quick: 2, deep: 200 })
const BATCH = 4
const STOPS = 3
const MOST_STEPS = 10_000_000n
const END = 2n ** 62n

interface Seen {
  readonly statuses: Set<number>
  stops: number
}

async function compare(seed: number, seen: Seen): Promise<string | undefined> {
  const dice = new Dice(seed)
  const input = encodeInput({ args: ['random'] })
  for (const [i, { canonical, fuel }] of randomPrograms(seed).entries()) {
    const limits = { fuel, outputMax: 1_000 }
    const lowered = lower(canonical)
    const whole = new StepMachine(lowered, input, limits)
    whole.runTo(MOST_STEPS)
    seen.statuses.add(whole.registers.status)
    const program = new ReplayProgram(canonical)
    const slack = BigInt(await program.slack())
    const budgets = Array.from({ length: STOPS }, () => dice.below(Number(whole.steps) + 1))
    const last = whole.registers.status === 0 ? MOST_STEPS : END
    // The interpreter goes on from stop to stop.
    const interpreted = new StepMachine(lowered, input, limits)
    const beside = new StepMachine(lowered, input, limits)
    let going = new StepMachine(lowered, input, limits)
    for (const budget of [...budgets.sort((a, b) => a - b).map(BigInt), last]) {
      const stopped = await program.stopAfter(input, limits, budget)
      const at = stopped.steps
      seen.stops++
      const where = `seed ${seed}, program ${i}, budget ${budget}, step ${at}`
      if (at > budget + slack) return `${where}: beyond the slack of ${slack}`
      interpreted.runTo(at)
      const difference = differenceOf(stopped.state(), interpreted.state())
      if (difference) return `${where}: ${difference}`
      if (dice.chance(0.3)) {
        beside.runTo(beside.steps + BigInt(dice.below(9)))
        going = StepMachine.restore(lowered, beside.state(), beside.steps)
      }
      going = await program.advanceAfter(going, limits, budget)
      beside.runTo(going.steps)
      const later = differenceOf(going.state(), beside.state())
      if (later) return `${where}, going on to ${going.steps}: ${later}`
      stopped.runTo(budget)
      if (budget === END && stopped.steps !== whole.steps) return `${where}: ends at ${stopped.steps}`
    }
  }
  return undefined
}

describe(`${batches.length * BATCH} random programs (FUZZ_SEED=${SEED})`, () => {
  const seen: Seen = { statuses: new Set(), stops: 0 }

  it.each(batches)('from seed %i on stop in the interpreter’s states', async (first) => {
    for (let seed = first; seed < first + BATCH; seed++) expect(await compare(seed, seen)).toBeUndefined()
  })

  it('end by themselves, by traps and for want of fuel', () => {
    expect(seen.stops).toBeGreaterThan(100)
    expect([...seen.statuses]).toEqual(expect.arrayContaining([1, 2, 3]))
  })
})
