import { describe, expect, it } from 'vitest'
import { toHex } from '../io/hash.ts'
import { decodeOutput } from '../io/output.ts'
import { Dice } from '../random/dice.ts'
import { verifyStep } from '../step/verify.ts'
import { TRACED, TRACED_INPUT } from '../testing/tracedProgram.ts'
import { findLie } from './findLie.ts'
import { TAMPER_FIELDS, type Tamper } from './tamper.ts'
import { Trace } from './trace.ts'

const LIMITS = { fuel: 10n ** 7n, outputMax: 2 ** 16 }
const OPTIONS = { program: TRACED.canonical, input: TRACED_INPUT, limits: LIMITS }
const END = 2n ** 62n
const ROUNDS = process.env.MILLRACE_DEEP ? 40 : 2
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)

const honest = await Trace.open(OPTIONS)
const truth = await honest.ending()

describe(`a machine that is dishonest (seed ${seed})`, () => {
  const dice = new Dice(seed)

  it.each(TAMPER_FIELDS)('at its %s goes on by real steps from one wrong state', async (field) => {
    for (let i = 0; i < ROUNDS; i++) {
      const step = i === 0 ? truth.steps : 1n + (dice.bits(64) % truth.steps)
      const tamper: Tamper = { step, field, seed: dice.below(2 ** 31) }
      const what = `${field} at step ${step}, seed ${tamper.seed}`
      const liar = honest.by(tamper)
      const ending = await liar.ending()
      const around = [1n, step / 2n, step - 1n, step, step + 1n, END]
      const [ours, theirs] = await Promise.all(
        [honest, liar].map(async (trace) => (await trace.statesAt(around)).map(toHex)),
      )
      expect(theirs!.slice(0, 3), what).toEqual(ours!.slice(0, 3))
      expect(theirs![3], what).not.toEqual(ours![3])

      // The step that leads there is the wrong one, and those behind are right ones, if any follow.
      const wrong = await liar.proveAt(step - 1n)
      expect(toHex(wrong.next), what).toBe(ours![3])
      const right = await liar.proveAt(step)
      expect([right.state, right.next].map(toHex), what).toEqual([theirs![3], theirs![4]])
      expect(verifyStep(right.state, right.witness), what).toEqual(right.next)

      expect(ending.steps, what).toBeGreaterThanOrEqual(step)
      expect(ending.programRoot, what).toEqual(truth.programRoot)
      expect(ending.fuelUsed >= 0n && ending.fuelUsed <= LIMITS.fuel, what).toBe(true)
      const again = await Trace.open({ ...OPTIONS, tamper })
      const reversed = around.toReversed()
      expect((await again.statesAt(reversed)).map(toHex), what).toEqual(theirs!.toReversed())
      expect(await again.ending(), what).toEqual(ending)
      const lie = await again.lie()
      expect(lie, what).toMatchObject({ step, place: expect.any(String) })
      expect(lie!.was, what).not.toBe(lie!.is)
    }
  })

  it('is one at the last state, where its step lies behind that', async () => {
    const liar = honest.by({ step: END - 1n, field: 'status', seed: 1 })
    const [before, last] = await liar.statesAt([truth.steps - 1n, truth.steps])
    const [same, other] = await honest.statesAt([truth.steps - 1n, truth.steps])
    expect(before).toEqual(same)
    expect(last).not.toEqual(other)
  })

  it('says what it altered', async () => {
    const step = truth.steps / 2n
    const stack = await honest.by({ step, field: 'stack', seed: 1 }).lie()
    expect(stack).toMatchObject({ step, place: 'stack', index: expect.any(Number) })
    const code = await honest.by({ step, field: 'code', seed: 1 }).lie()
    expect(code).toMatchObject({ place: 'code', was: expect.stringMatching(/^[a-z]/) })
    const steps = await honest.by({ step, field: 'steps', seed: 1 }).lie()
    expect(steps).toMatchObject({ place: 'step', was: String(step) })
    expect(await honest.lie()).toBeUndefined()
  })
})

describe('a lie', () => {
  it('is found, the same one of the same seed, and looks like a result', async () => {
    const lie = (await findLie({ ...OPTIONS, seed: 5 }))!
    expect(lie.ending.status).toBe(truth.status)
    expect(lie.ending.output).not.toEqual(truth.output)
    // Of the slot that a step has just written.
    const lied = (await honest.by(lie.tamper).lie())!
    expect(lie.altered).toEqual(lied)
    const { results } = await honest.lookAt(lie.tamper.step - 1n)
    expect(results.map((slot) => `0x${slot.toString(16)}`)).toEqual([lied.was])
    const [told, true_] = [decodeOutput(lie.output), decodeOutput(await honest.output())]
    expect(told.exitCode).toBe(true_.exitCode)
    expect(await findLie({ ...OPTIONS, seed: 5 })).toEqual(lie)
    const liar = await Trace.open({ ...OPTIONS, tamper: lie.tamper })
    expect(await liar.ending()).toEqual(lie.ending)
    expect(await liar.output()).toEqual(lie.output)
  })
})
