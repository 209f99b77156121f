/**
 * The processes of all leases: one for each (lease, program) that is warm, and a spare that is started but has
 * no program yet, so that a lease's first job need not wait for a process to start.
 *
 * A process never changes its lease or its program: what a guest did to it can only come back to the tasker
 * who sent it, and a program's root is always derived before any of its guests has run there.
 */
import { openBundle } from './bundle.ts'
import { HostAbort } from './errors.ts'
import type { Jail } from './jail/command.ts'
import { detectJail } from './jail/detect.ts'
import type { ProcessLimits } from './jail/limits.ts'
import { JobProcess, type LoadedProgram, type RunOutcome, type RunRequest } from './process.ts'
import { holdShare } from './share.ts'

/** How much of the computer jobs may use. */
export interface RunnerLimits {
  /** Jobs at the same time. */
  readonly maxJobs: number
  /** Idle processes that are kept for the next job of their lease. */
  readonly maxWarm: number
  /** Most linear memory of one job, in pages of 64 KiB. */
  readonly memoryPages: number
  /** Share of one CPU that a job may use: above 0, at most 1. */
  readonly cpuShare: number
  /** Longest run of one job. */
  readonly wallMs: number
  /** Longest that a program may take to be validated, rewritten and compiled; {@link LOAD_MS} where it is not said. */
  readonly loadMs?: number
}

/** What runs where. */
export interface RunnerStatus {
  readonly busy: number
  readonly warm: number
  readonly waiting: number
  readonly runs: number
  readonly aborts: number
  /** CPU time of jobs over the wall time that they ran, where the host tells. At most 1 for one thread. */
  readonly cpuShare: number | undefined
}

/** One process for the length of one job. */
export interface Session {
  /** Of the process, for whoever looks at it from outside. */
  readonly pid: number | undefined
  /** The program in it: what was loaded before, or what `fetch` brings. */
  load(fetch: () => Promise<Uint8Array>): Promise<LoadedProgram>
  run(request: RunRequest, wallMs?: number): Promise<RunOutcome>
  /** Ends the process after this job: what is loaded in it is not what its key stands for. */
  discard(): void
}

/** Runs jobs. */
export interface Runner {
  readonly jail: Jail
  /** Holds a process of `key` while `work` runs. Jobs of one key run one after the other. */
  use<T>(key: string, work: (session: Session) => Promise<T>): Promise<T>
  /** True where a process of `key` is there with its program loaded. */
  isWarm(key: string): boolean
  /** Ends idle processes whose key begins so: a lease that is over. */
  release(prefix: string): void
  status(): RunnerStatus
  /** Ends every process, running or not. */
  close(): Promise<void>
}

/** Heap for the pass over the largest module (its function bodies are views, not copies) and for messages. */
const HEAP_MIB = 256
/** The largest real programs, thirty megabytes of compilers, take a tenth of it. */
const LOAD_MS = 60_000
/** Other programs on this computer come first. */
const NICENESS = 10
/** A process is replaced when it has used half the CPU time that the kernel grants it. */
const RUNS_PER_PROCESS = 64
/** Compiling uses several threads. */
const THREADS = 4

/** A queue for turns. */
class Turns {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  get waiting(): number {
    return this.#waiting.length
  }

  async take(): Promise<void> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  give(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free++
  }
}

/** Starts a runner; the first spare process starts with it. */
export function createRunner(limits: RunnerLimits, jail: Jail = detectJail()): Runner {
  const cpuSeconds = Math.ceil((limits.wallMs / 1000) * THREADS * 2) + RUNS_PER_PROCESS
  const processLimits: ProcessLimits = { memoryPages: limits.memoryPages, heapMiB: HEAP_MIB, cpuSeconds }
  const loadMs = Math.min(limits.loadMs ?? LOAD_MS, limits.wallMs)
  const bundle = openBundle()
  const all = new Set<JobProcess>()
  /** Idle ones, the longest idle first. */
  const warm = new Map<string, JobProcess>()
  const keys = new Map<string, Turns>()
  const slots = new Turns(limits.maxJobs)
  const counts = { busy: 0, runs: 0, aborts: 0, cpuMs: 0, wallMs: 0 }
  let closed = false
  let spare: JobProcess | undefined

  const start = () => {
    const process = new JobProcess(jail, processLimits, NICENESS, bundle)
    all.add(process)
    return process
  }
  const end = (process: JobProcess) => {
    all.delete(process)
    return process.stop()
  }
  const refill = () => {
    if (!closed && !spare?.alive) spare = start()
  }
  const takeSpare = () => {
    const process = spare?.alive ? spare : start()
    spare = undefined
    return process
  }

  /** The process of `key`, taken out of the idle ones. */
  const acquire = (key: string): JobProcess => {
    const found = warm.get(key)
    warm.delete(key)
    if (found?.alive) return found
    if (found) void end(found)
    return takeSpare()
  }

  /** Back among the idle ones, if it may still be used. */
  const putBack = (key: string, process: JobProcess): void => {
    const tired = (process.cpuMs() ?? 0) > (cpuSeconds * 1000) / 2
    if (closed || tired || !process.alive || !process.loaded) void end(process)
    else warm.set(key, process)
    while (warm.size > limits.maxWarm) {
      const [oldest, idle] = warm.entries().next().value!
      warm.delete(oldest)
      void end(idle)
    }
    // Last, so that starting the next spare does not slow the job that took this one.
    refill()
  }

  const sessionOf = (process: JobProcess): Session => ({
    get pid() {
      return process.pid
    },
    discard: () => void end(process),
    load: async (fetch) => {
      if (process.loaded) return process.loaded
      const bytes = await fetch()
      await process.ready
      // Compilers would like every core.
      const release = holdShare(process, limits.cpuShare)
      try {
        return await process.load(bytes, limits.memoryPages, loadMs / limits.cpuShare)
      } finally {
        release()
      }
    },
    run: async (request, wallMs = limits.wallMs) => {
      const before = process.cpuMs()
      const at = performance.now()
      const release = holdShare(process, limits.cpuShare)
      try {
        return await process.run(request, Math.min(wallMs, limits.wallMs))
      } catch (error) {
        if (error instanceof HostAbort) counts.aborts++
        throw error
      } finally {
        release()
        counts.runs++
        const after = process.cpuMs()
        if (before !== undefined && after !== undefined) {
          counts.cpuMs += after - before
          counts.wallMs += performance.now() - at
        }
      }
    },
  })

  const use = async <T>(key: string, work: (session: Session) => Promise<T>): Promise<T> => {
    const turns = keys.get(key) ?? new Turns(1)
    keys.set(key, turns)
    await turns.take()
    await slots.take()
    counts.busy++
    let process: JobProcess | undefined
    try {
      if (closed) throw new HostAbort('stopped', 'the runner is closed')
      process = acquire(key)
      return await work(sessionOf(process))
    } finally {
      if (process) putBack(key, process)
      counts.busy--
      slots.give()
      if (turns.waiting === 0) keys.delete(key)
      turns.give()
    }
  }

  refill()
  return {
    jail,
    use,
    isWarm: (key) => warm.get(key)?.alive === true,
    release: (prefix) => {
      for (const [key, process] of warm) {
        if (!key.startsWith(prefix)) continue
        warm.delete(key)
        void end(process)
      }
    },
    status: () => ({
      busy: counts.busy,
      warm: warm.size,
      waiting: slots.waiting,
      runs: counts.runs,
      aborts: counts.aborts,
      cpuShare: counts.wallMs > 0 ? counts.cpuMs / counts.wallMs : undefined,
    }),
    close: async () => {
      closed = true
      warm.clear()
      await Promise.all([...all].map(end))
    },
  }
}
