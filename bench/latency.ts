// How long people wait: the whole local stack on this machine, all its parts as processes of their own, and one
// client here that quotes, signs, uploads, verifies signature and commitment, and pays.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { connect, type HeldLease, type Millrace } from '@millrace/sdk'
import { EXAMPLES } from '../examples/catalog.ts'
import { startStack } from '../scripts/stack/startStack.ts'
import type { Bench } from './report.ts'

const WARM_JOBS = 200
const COLD_JOBS = 20
const IN_FLIGHT = 16
const THROUGHPUT_MS = 20_000
const WARM_UP = 20

/** Far more than the trivial program needs. */
const JOB_FUEL = 10_000_000n

export async function measure(): Promise<Bench> {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  console.error('starting a stack …')
  const stack = await startStack({ dir, providers: ['provider1'] })
  try {
    const millrace = await connect({
      matcher: stack.urls.matcher,
      account: stack.accounts.tasker,
      pollingInterval: 50,
    })
    const program = await readFile(EXAMPLES.find(({ name }) => name === 'hello')!.module)
    const cold = await measureCold(millrace, program)
    const lease = await millrace.lease({ program, jobs: 20_000, fuel: JOB_FUEL })
    for (let i = 0; i < WARM_UP; i++) await runOne(lease, `warm-up ${i}`)
    const warm = await measureWarm(lease)
    const jobsPerSecond = await measureThroughput(lease)
    await lease.close()

    const json = {
      warm_p50_ms: quantile(warm, 0.5),
      warm_p99_ms: quantile(warm, 0.99),
      cold_p50_ms: quantile(cold, 0.5),
      jobs_per_s: jobsPerSecond,
    }
    return {
      json,
      figures: [
        { name: 'warm_p50_ms', value: json.warm_p50_ms, aim: 25, unit: 'ms' },
        { name: 'warm_p99_ms', value: json.warm_p99_ms, unit: 'ms' },
        { name: 'cold_p50_ms', value: json.cold_p50_ms, aim: 1_500, unit: 'ms' },
        { name: 'jobs_per_s', value: json.jobs_per_s, aim: 100, atLeast: true, unit: 'jobs/s' },
      ],
    }
  } finally {
    await stack.stop()
    await rm(dir, { recursive: true, force: true })
  }
}

/** One-off jobs, each with its own bid, lease, transactions and payment: from the call to the verified output. */
async function measureCold(millrace: Millrace, program: Uint8Array): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < COLD_JOBS; i++) {
    const started = performance.now()
    let verified = Number.NaN
    const job = await millrace.run({
      program,
      args: [`cold ${i}`],
      fuel: JOB_FUEL,
      onPhase: ({ phase }) => {
        if (phase === 'checked') verified = performance.now() - started
      },
    })
    mustGreet(job.stdout)
    times.push(verified)
    console.error(`cold ${i + 1} of ${COLD_JOBS}: ${verified.toFixed(0)} ms`)
  }
  return times
}

async function measureWarm(lease: HeldLease): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < WARM_JOBS; i++) times.push(await runOne(lease, `warm ${i}`))
  console.error(`warm: ${WARM_JOBS} jobs, one after another`)
  return times
}

async function measureThroughput(lease: HeldLease): Promise<number> {
  const started = performance.now()
  const end = started + THROUGHPUT_MS
  let done = 0
  const worker = async (name: number) => {
    for (let i = 0; performance.now() < end; i++) {
      await runOne(lease, `${name} ${i}`)
      done++
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, (_, name) => worker(name)))
  console.error(`throughput: ${done} jobs, ${IN_FLIGHT} in flight`)
  return round(done / ((performance.now() - started) / 1_000))
}

/** Milliseconds from the submission of a job to its verified output. */
async function runOne(lease: HeldLease, name: string): Promise<number> {
  const started = performance.now()
  const { stdout } = await lease.run({ args: [name] })
  const took = performance.now() - started
  mustGreet(stdout)
  return took
}

function mustGreet(stdout: string): void {
  if (!stdout.startsWith('Hello')) throw new Error(`The program should have greeted us and wrote: ${stdout}`)
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
