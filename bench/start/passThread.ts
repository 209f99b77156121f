/** One pass over a module, timed, in a thread that has done nothing before. */
import { performance } from 'node:perf_hooks'
import { parentPort, workerData } from 'node:worker_threads'
import { buildProgram } from '@millrace/machine'

export interface Passed {
  readonly ms: number
  /** Of this thread alone: what other work on the computer does not change. */
  readonly cpuMs: number
}

const started = performance.now()
const before = process.threadCpuUsage()
buildProgram(workerData as Uint8Array)
const { user, system } = process.threadCpuUsage(before)
const passed: Passed = { ms: performance.now() - started, cpuMs: (user + system) / 1_000 }
parentPort!.postMessage(passed)
