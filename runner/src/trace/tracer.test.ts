/** Traces in their own processes: the same answers as here, and nothing left behind. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildProgram, encodeInput } from '@millrace/machine'
import { findLie, TAMPER_FIELDS, type Tamper, Trace } from '@millrace/machine/steps'
import { type Ending, gridOf, levelOf } from '@millrace/sdk'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { EXAMPLES } from '../../../examples/catalog.ts'
import { assembleWasi, HELLO } from '../fixtures/programs.ts'
import { detectJail } from '../jail/detect.ts'
import { hexOf, plain } from './messages.ts'
import { type JailedTracer, openTracer, type TracerRequest } from './tracer.ts'

const dir = mkdtempSync(join(tmpdir(), 'millrace-tracer-'))
afterAll(() => rmSync(dir, { recursive: true }))

const tracers: JailedTracer[] = []
afterEach(async () => {
  await Promise.all(tracers.splice(0).map((tracer) => tracer.close()))
  expect(readdirSync(dir)).toEqual([])
})

type Job = Pick<TracerRequest, 'program' | 'input' | 'fuel' | 'outputMax'>

const SMALL: Job = { program: HELLO, input: encodeInput({}), fuel: 1_000_000n, outputMax: 1_000 }

/** Writes 16 times over a mebibyte, so that its states have little in common. */
function restless(): Job {
  const program = assembleWasi(
    `(func (export "_start") (local $i i32)
      (loop $next
        (i32.store (i32.and (i32.shl (local.get $i) (i32.const 2)) (i32.const 0xffffc)) (local.get $i))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 0x400000)))))`,
    '(memory (export "memory") 16)',
  )
  return { ...SMALL, program, fuel: 1_000_000_000n }
}

/** 23 million steps. */
function wordcount(): Job {
  const { module, args, stdin, name } = EXAMPLES.find((example) => example.name === 'wordcount')!
  const input = encodeInput({ args: [name, ...args], stdin: readFileSync(stdin!) })
  return { program: readFileSync(module), input, fuel: 10_000_000_000n, outputMax: 100_000 }
}

async function open(job: Job, more: Partial<TracerRequest> = {}): Promise<JailedTracer> {
  const tracer = await openTracer({ ...job, memoryPages: 16_384, dir, ...more })
  tracers.push(tracer)
  return tracer
}

function openHere({ program, input, fuel, outputMax }: Job, tamper?: Tamper): Promise<Trace> {
  const { canonical } = buildProgram(program)
  return Trace.open({ program: canonical, input, limits: { fuel, outputMax }, tamper })
}

/** What both say of a run, as text. */
async function answersOf(tracer: Trace | JailedTracer, steps: readonly bigint[]): Promise<unknown> {
  const { state, witness, next } = await tracer.proveAt(steps[1]!)
  return plain({
    states: await tracer.statesAt(steps),
    ending: await tracer.ending(),
    output: await tracer.output(),
    proof: { state, witness, next },
    view: await tracer.lookAt(steps[2]!),
  })
}

describe('a run in a process of its own', () => {
  it.each([
    ['a small program', () => SMALL, [0n, 1n, 7n, 20n, 2n ** 70n]],
    ['a larger one', wordcount, [0n, 2n ** 20n, 3n * 2n ** 21n, 2n ** 24n + 1n, 2n ** 40n]],
  ])('is the run of %s as it is here', async (_, job, steps) => {
    const tracer = await open(job())
    expect(await answersOf(tracer, steps)).toEqual(await answersOf(await openHere(job()), steps))
  })

  it.each(TAMPER_FIELDS)('tells the lie about a %s that is told here', async (field) => {
    const tamper = { step: 9n, field, seed: 5 }
    const steps = [8n, 9n, 10n, 11n, 100n]
    const tracer = await open(SMALL, { tamper })
    expect(await answersOf(tracer, steps)).toEqual(await answersOf(await openHere(SMALL, tamper), steps))
  })

  it('finds the lie that is found here, and says what was altered', async () => {
    const { program, input, fuel, outputMax } = SMALL
    const { canonical } = buildProgram(program)
    const found = await (await open(SMALL)).findLie(3)
    const here = await findLie({ program: canonical, input, limits: { fuel, outputMax }, seed: 3 })
    expect(plain(found)).toEqual(plain(here))

    const { tamper } = found!
    const liar = await open(SMALL, { tamper })
    expect(await liar.ending()).toEqual(found!.ending)
    expect(await liar.lie()).toEqual(await (await openHere(SMALL, tamper)).lie())
    expect(await (await open(SMALL)).lie()).toBeUndefined()
  })

  it('puts on disk what it has no room for, and gets it back', async () => {
    const job = restless()
    const tracer = await open(job, { memoryBytes: 2 ** 16 })
    const { fuelUsed, steps } = (await tracer.ending()) as Ending
    const grid = gridOf(levelOf(fuelUsed) - 1).filter((step) => step < steps)
    const here = await openHere(job)
    const expected = (await here.statesAt(grid)).map((hash) => hexOf(hash))
    expect(await tracer.statesAt(grid)).toEqual(expected)
    expect(await tracer.statesAt(grid.map((step) => step + 12_345n))).toEqual(
      (await here.statesAt(grid.map((step) => step + 12_345n))).map((hash) => hexOf(hash)),
    )
    expect(tracer.status().diskBytes).toBeGreaterThan(2 ** 22)
    expect(readdirSync(dir)).toEqual([])

    // Where the disk is full, it takes longer.
    const cramped = await open(job, { memoryBytes: 2 ** 16, diskBytes: 2 ** 19 })
    expect((await cramped.ending()).steps).toBe(steps)
    expect(await cramped.statesAt(grid)).toEqual(expected)
    expect(cramped.status().diskBytes).toBe(2 ** 19)
  })

  it.runIf(detectJail().walls)('has the walls around it', async () => {
    const tracer = await open(SMALL)
    const read = (name: string) => readFileSync(`/proc/${tracer.pid}/${name}`, 'latin1')
    expect(read('environ')).toBe('PWD=/\0')
    expect(read('status')).toMatch(/^Seccomp:\s+2$/m)
    expect(read('status')).toMatch(/^CapEff:\s+0+$/m)
    expect(read('net/dev').trim().split('\n').slice(2)).toHaveLength(1)
    expect(read('limits')).toMatch(/^Max file size\s+0\s/m)
  })

  it('comes before jobs: it is as nice as whoever asks', async () => {
    expect(getPriority((await open(SMALL)).pid!)).toBe(getPriority())
  })

  it('refuses what the machine refuses, and more memory than is offered', async () => {
    const refused = { code: 'module-refused' }
    await expect(open({ ...SMALL, program: new Uint8Array(8) })).rejects.toMatchObject(refused)
    await expect(open(SMALL, { memoryPages: 3 })).rejects.toMatchObject(refused)
  })

  it('is killed in the middle of its work, and another one takes its place', async () => {
    const job = wordcount()
    const tracer = await open(job)
    const asked = tracer.ending()
    process.kill(tracer.pid!, 'SIGKILL')
    await expect(asked).rejects.toMatchObject({ code: 'host-abort', reason: 'died' })
    expect(tracer.alive).toBe(false)
    await tracer.close()
    expect((await (await open(job)).ending()).status).toBe(0)
  })

  it('keeps to its share of a CPU', async () => {
    const tracer = await open(wordcount(), { cpuShare: 0.5 })
    const [cpu, at] = [tracer.status().cpuMs, performance.now()]
    await tracer.ending()
    const used = tracer.status().cpuMs
    // Linux counts in hundredths of a second.
    if (cpu !== undefined && used !== undefined)
      expect(used - cpu).toBeLessThan((performance.now() - at) * 0.8 + 50)
  })
})
