/** Jobs are run again in real processes; what is signed about them is right, wrong, or not to be found out. */
import { readFileSync } from 'node:fs'
import { buildProgram, commit, encodeInput } from '@millrace/machine'
import { createRunner, type RunOutcome } from '@millrace/runner'
import type { Job, Result } from '@millrace/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXAMPLES, HOSTILE } from '../../../examples/catalog.ts'
import { rerun } from './rerun.ts'

const HELLO = readFileSync(EXAMPLES.find(({ name }) => name === 'hello')!.module)
const SPIN = readFileSync(HOSTILE.find(({ name }) => name === 'spin')!.module)
const LIMITS = { maxJobs: 1, maxWarm: 0, memoryPages: 16_384, cpuShare: 1, wallMs: 3_000 }
const runner = createRunner(LIMITS)
afterAll(() => runner.close())

const input = encodeInput()
const jobOf = (program: Uint8Array, fuel: bigint): Job => ({
  ...{ programRoot: buildProgram(program).root, input: commit(input) },
  ...{ fuel, outputMax: 10_000, deadline: 0n },
})
const hello = jobOf(HELLO, 2n ** 62n)
const ticket = `0x${'01'.repeat(32)}` as const
let right: Result
beforeAll(async () => {
  const { status, fuelUsed, output }: RunOutcome = await runner.use('once', async (session) => {
    await session.load(async () => HELLO)
    return session.run({ input, fuel: hello.fuel, outputMax: hello.outputMax })
  })
  right = { ticket, status, fuelUsed, output: commit(output) }
})

describe('a result that is run again', () => {
  it('is right where all of it comes out', async () => {
    const again = await rerun(runner, { program: HELLO, input, job: hello, result: right })
    expect(again).toEqual({ verdict: 'right' })
  })

  it.each([
    ['status', { status: 1 }, ['status']],
    ['output', { output: commit(new Uint8Array(1)) }, ['output']],
  ] as [string, Partial<Result>, string[]][])(
    'is wrong where its %s is another',
    async (_, change, differs) => {
      const result = { ...right, ...change }
      const again = await rerun(runner, { program: HELLO, input, job: hello, result })
      expect(again).toEqual({
        verdict: 'wrong',
        size: { fuel: right.fuelUsed, memoryPages: expect.any(Number) },
        differs,
      })
    },
  )

  it.each([1n, -1n, -6_000n])('is wrong where it used %s fuel more or less', async (more) => {
    const result = { ...right, fuelUsed: right.fuelUsed + more }
    const again = await rerun(runner, { program: HELLO, input, job: hello, result })
    expect(again).toMatchObject({
      verdict: 'wrong',
      differs: ['fuel'],
    })
  })

  it('is reckoned with the longer game where it says more than it took', async () => {
    const result = { ...right, fuelUsed: hello.fuel }
    const again = await rerun(runner, { program: HELLO, input, job: hello, result })
    expect(again).toMatchObject({ verdict: 'wrong', size: { fuel: hello.fuel }, differs: ['fuel'] })
  })

  it('is wrong in no more time than it says it took', async () => {
    // In truth it runs for as long as its fuel lasts: centuries.
    const result = { ...right, fuelUsed: 1_000n }
    const again = await rerun(runner, { program: SPIN, input, job: jobOf(SPIN, 2n ** 62n), result })
    expect(again).toEqual({
      verdict: 'wrong',
      size: { fuel: 2n ** 62n, memoryPages: expect.any(Number) },
      differs: ['fuel'],
    })
  })

  it.each([
    ['the input is another', { input: new Uint8Array(9) }, /input/],
    ['the program is another', { program: SPIN }, /program has the root/],
    ['it is no program', { program: new Uint8Array(64) }, /./],
  ] as [string, object, RegExp][])('is unknown where %s', async (_, change, why) => {
    const again = await rerun(runner, { program: HELLO, input, job: hello, result: right, ...change })
    expect(again).toEqual({ verdict: 'unknown', why: expect.stringMatching(why) })
  })

  it('is unknown where it takes too long', async () => {
    const result = { ...right, fuelUsed: 2n ** 61n }
    const again = await rerun(runner, { program: SPIN, input, job: jobOf(SPIN, 2n ** 62n), result })
    expect(again).toEqual({ verdict: 'unknown', why: expect.stringContaining('wall-time') })
  })
})
