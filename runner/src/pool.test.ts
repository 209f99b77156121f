/** Hostile programs in real processes: each limit holds, and nothing of the agent can be seen from inside. */
import { readFileSync } from 'node:fs'
import { buildProgram, decodeOutput, encodeInput } from '@millrace/machine'
import { afterEach, describe, expect, it } from 'vitest'
import { HostAbort, ModuleRefused } from './errors.ts'
import { HELLO, assembleWasi as wasi } from './fixtures/programs.ts'
import type { Jail } from './jail/command.ts'
import { detectJail, detectPlain } from './jail/detect.ts'
import { createRunner, type Runner, type RunnerLimits } from './pool.ts'

const SPIN = wasi('(func (export "_start") (loop $l (br $l)))')
const FLOOD = wasi('(func (export "_start") (loop $l (call $say) (br $l)))')
const TRAP = wasi('(func (export "_start") (call $say) unreachable)')
const RECURSE = wasi(
  '(func $f (param i64) (call $f (i64.add (local.get 0) (i64.const 1)))) (func (export "_start") (call $f (i64.const 0)))',
)
/** Takes memory and touches every page of it, until there is no more. */
const EAT = wasi(
  `(func (export "_start") (local $at i32)
    (local.set $at (i32.const 65536))
    (loop $l
      (if (i32.eq (memory.grow (i32.const 256)) (i32.const -1)) (then (call $say) (return)))
      (memory.fill (local.get $at) (i32.const 7) (i32.const 16777216))
      (local.set $at (i32.add (local.get $at) (i32.const 16777216)))
      (br $l)))`,
  '(memory (export "memory") 1 16384)',
)

const FUEL = 10n ** 7n
const ENDLESS = 2n ** 62n
const input = encodeInput()
const LIMITS: RunnerLimits = { maxJobs: 2, maxWarm: 2, memoryPages: 16_384, cpuShare: 1, wallMs: 20_000 }

const open: Runner[] = []
const start = (limits: Partial<RunnerLimits> = {}, jail = detectJail()) => {
  const runner = createRunner({ ...LIMITS, ...limits }, jail)
  open.push(runner)
  return runner
}
afterEach(async () => void (await Promise.all(open.splice(0).map((runner) => runner.close()))))

const run = (
  runner: Runner,
  wasm: Uint8Array,
  options: { fuel?: bigint; outputMax?: number; wallMs?: number } = {},
) =>
  runner.use(`lease:${wasm.length}`, async (session) => {
    await session.load(async () => wasm)
    const { fuel = FUEL, outputMax = 1_000, wallMs } = options
    return session.run({ input, fuel, outputMax }, wallMs)
  })

describe('runner', () => {
  it.each<[string, Jail]>([
    ['namespaces alone', detectPlain()],
    ['nothing', { limits: false, network: false, privileges: false }],
  ])('runs a program where the host has %s', async (_, jail) => {
    const outcome = await run(start({}, jail), HELLO)
    expect(new TextDecoder().decode(decodeOutput(outcome.output).stdout)).toBe('hello')
  })

  it('runs a program, and says of it what the machine says', async () => {
    const runner = start()
    const outcome = await run(runner, HELLO)
    expect(outcome.status).toBe(0)
    expect(new TextDecoder().decode(decodeOutput(outcome.output).stdout)).toBe('hello')
    const { root, memory } = buildProgram(HELLO)
    await runner.use('other', async (session) => {
      expect(await session.load(async () => HELLO)).toEqual({ root, memoryPages: memory.maxPages })
    })
  })

  it('keeps the process of a lease warm, and gives each job a fresh instance', async () => {
    const runner = start()
    const first = await run(runner, HELLO)
    expect(runner.isWarm(`lease:${HELLO.length}`)).toBe(true)
    await runner.use(`lease:${HELLO.length}`, async (session) => {
      await session.load(() => Promise.reject(new Error('fetched again')))
      expect(await session.run({ input, fuel: FUEL, outputMax: 1_000 })).toEqual(first)
    })
    runner.release('lease:')
    expect(runner.isWarm(`lease:${HELLO.length}`)).toBe(false)
  })

  it('refuses what is no module, and the process lives on', async () => {
    const runner = start()
    const junk = new TextEncoder().encode('#!/bin/sh')
    await expect(run(runner, junk)).rejects.toThrow(ModuleRefused)
    expect((await run(runner, HELLO)).status).toBe(0)
  })

  it.each([
    ['a trap', TRAP, {}, 1],
    ['an endless loop', SPIN, {}, 2],
    ['endless recursion', RECURSE, { fuel: 10n ** 9n }, 3],
    ['an output flood', FLOOD, { fuel: 10n ** 9n }, 4],
  ])('reports %s as a result, with its output', async (_, wasm, options, status) => {
    const outcome = await run(start(), wasm, options)
    expect(outcome.status).toBe(status)
    const { stdout } = decodeOutput(outcome.output)
    const least = { 1: 5, 2: 0, 3: 0, 4: 500 }[status]!
    expect(stdout.length).toBeGreaterThanOrEqual(least)
    expect(stdout.length).toBeLessThanOrEqual(Math.max(5, status === 4 ? 1_000 : 0))
  })

  it('kills what runs longer than its wall time, within a second', async () => {
    const runner = start()
    await run(runner, HELLO)
    const began = performance.now()
    const reason = await run(runner, SPIN, { fuel: ENDLESS, wallMs: 300 }).catch((error) => error.reason)
    expect(reason).toBe('wall-time')
    expect(performance.now() - began).toBeLessThan(1_300 + 1_000)
    expect(runner.status().aborts).toBe(1)
  })

  it('gives a program all the memory that it may have, and grows no further', async () => {
    const outcome = await run(start(), EAT, { fuel: 10n ** 12n })
    expect(outcome.status).toBe(0)
  })

  it('never calls a host without memory a result', async () => {
    // The offer was for 64 MiB; the program may have 1 GiB, so that its memory.grow must not fail here.
    const runner = start({ memoryPages: 1_024 })
    await expect(run(runner, EAT, { fuel: 10n ** 12n })).rejects.toThrow(HostAbort)
    expect((await run(runner, HELLO)).status).toBe(0)
  })

  it('bounds jobs at the same time, and runs those of one lease in turn', async () => {
    const runner = start({ maxJobs: 2 })
    const now: string[] = []
    const peaks = { all: 0, one: 0 }
    const job = (key: string) =>
      runner.use(key, async (session) => {
        now.push(key)
        peaks.all = Math.max(peaks.all, now.length)
        peaks.one = Math.max(peaks.one, now.filter((each) => each === key).length)
        await session.load(async () => HELLO)
        await session.run({ input, fuel: FUEL, outputMax: 1_000 })
        now.splice(now.indexOf(key), 1)
      })
    await Promise.all(['a', 'a', 'b', 'a', 'c', 'b'].map(job))
    expect(peaks).toEqual({ all: 2, one: 1 })
    expect(runner.status()).toMatchObject({ busy: 0, waiting: 0, runs: 6 })
  })

  it('keeps a job to its share of a CPU', async () => {
    const runner = start({ cpuShare: 0.3 })
    await run(runner, SPIN, { fuel: 4n * 10n ** 8n })
    // The share is of wall time, so that a slow computer shows less, never more than the compilers' threads add.
    expect(runner.status().cpuShare).toBeLessThan(0.6)
  })

  it('ends a process that has only just been started', async () => {
    for (let i = 0; i < 5; i++) await createRunner(LIMITS).close()
  })

  it('ends every process when it is closed, and the jobs in them', async () => {
    const runner = start()
    await run(runner, HELLO)
    const job = run(runner, SPIN, { fuel: ENDLESS })
    const failed = expect(job).rejects.toMatchObject({ reason: 'stopped' })
    await runner.close()
    await failed
  })
})

describe.runIf(process.platform === 'linux')('the inside of a job’s process', () => {
  const secret = 'canary-0x5ec2e7'

  it('has no environment, no key, no file to write, no network', async () => {
    process.env.MILLRACE_CANARY = secret
    const runner = start()
    let pid: number | undefined
    await runner.use('probe', async (session) => {
      await session.load(async () => HELLO)
      pid = session.pid
    })
    delete process.env.MILLRACE_CANARY
    const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8')
    expect(read('environ')).toBe(runner.jail.walls ? 'PWD=/\0' : '')
    expect(read('cmdline')).not.toContain(secret)
    const limits = read('limits')
    expect(limits).toMatch(/Max file size\s+0\s/)
    expect(limits).toMatch(/Max core file size\s+0\s/)
    expect(limits).toMatch(/Max open files\s+64\s/)
    if (runner.jail.network || runner.jail.walls)
      expect(
        read('net/dev')
          .split('\n')
          .filter((line) => line.includes(':')),
      ).toHaveLength(1)
    if (runner.jail.privileges || runner.jail.walls) expect(read('status')).toMatch(/NoNewPrivs:\s+1/)
  })
})
