/**
 * The runs that games are about. All games over one job share one run of it, in one process; at most so many processes
 * work at a time, and whose clock runs out first is served first. A process that nobody asks anything right now stands
 * while there is memory for others, and else gives way: what it said is kept, the rest it can say again after another
 * run, which no clock has time for at each move.
 */
import type { Ending, Tracer } from '@millrace/sdk'
import type { Hex } from 'viem'

export interface TracedRun {
  /** The same for all games over the same run. */
  readonly key: string
  open(): Promise<Tracer>
}

export interface Traces {
  /**
   * A share of a run, which is made when something is first asked of it. `close` gives the share back.
   *
   * @param deadline unix seconds: by when its game must have the answer
   */
  share(run: TracedRun, deadline: () => bigint): Tracer
  /** Resolves as soon as no game needs this computer. */
  quiet(): Promise<void>
  status(): TracesStatus
  /** Ends every process. */
  close(): Promise<void>
}

export interface TracesStatus {
  /** Processes that stand. */
  readonly open: number
  readonly working: number
  /** Questions that wait for a place. */
  readonly waiting: number
}

interface Run {
  readonly source: TracedRun
  /** Deadlines of the games that share it. */
  readonly users: Set<() => bigint>
  /** Holds a place: its process stands, starts or is used. */
  placed: boolean
  tracer: Tracer | undefined
  busy: boolean
  readonly states: Map<bigint, Hex>
  ending: Ending | undefined
}

interface Question {
  readonly run: Run
  readonly deadline: () => bigint
  ask(tracer: Tracer): Promise<void>
  fail(error: unknown): void
}

export class TracesClosedError extends Error {
  override readonly name = 'TracesClosedError'
  readonly code = 'traces-closed'
  readonly retryable = false

  constructor() {
    super('The agent ends: no run is traced any more.')
  }
}

/**
 * @param places processes that work at a time
 * @param hasRoom whether there is memory for one more, beside as many that stand
 */
export function createTraces(places: number, hasRoom: () => boolean = () => false): Traces {
  const runs = new Map<string, Run>()
  let questions: Question[] = []
  let working = 0
  let closed = false
  let waiters: (() => void)[] = []
  /** What is being closed still takes its memory. */
  const closing = new Set<Promise<void>>()

  const end = (run: Run): void => {
    const { tracer } = run
    run.tracer = undefined
    run.placed = false
    if (!tracer) return
    const done = tracer.close().catch(() => {})
    closing.add(done)
    void done.then(() => closing.delete(done))
  }

  const placesTaken = () => [...runs.values()].filter(({ placed }) => placed).length

  /** Makes room for a run, if there is any to be made. */
  const place = (run: Run): boolean => {
    if (run.placed) return true
    if (placesTaken() >= places && !hasRoom()) {
      // The most urgent are served first, so that whoever is idle has nothing as urgent to do.
      const idle = [...runs.values()].filter((each) => each.placed && !each.busy)
      const last = idle.sort((a, b) => compare(urgencyOf(b), urgencyOf(a)))[0]
      if (!last) return false
      end(last)
    }
    run.placed = true
    return true
  }

  /** Ends a run that no game needs any more. */
  const forget = (run: Run): void => {
    if (run.users.size > 0 || run.busy) return
    end(run)
    runs.delete(run.source.key)
  }

  const serve = async ({ run, ask, fail }: Question): Promise<void> => {
    working++
    run.busy = true
    try {
      await Promise.all(closing)
      run.tracer ??= await run.source.open()
      if (closed) throw new TracesClosedError()
      await ask(run.tracer)
    } catch (error) {
      // Whatever went wrong, the next question finds a process that nothing is wrong with.
      end(run)
      fail(error)
    } finally {
      working--
      run.busy = false
      forget(run)
      // Whoever was answered may ask on at once, and keeps its process then.
      setImmediate(serveAll)
    }
  }

  const serveAll = (): void => {
    const urgent = [...questions].sort((a, b) => compare(a.deadline(), b.deadline()))
    for (const question of urgent) {
      if (working >= places) break
      if (question.run.busy || !place(question.run)) continue
      questions = questions.filter((each) => each !== question)
      void serve(question)
    }
    if (working > 0 || questions.length > 0) return
    for (const tell of waiters) tell()
    waiters = []
  }

  const put = <T>(run: Run, deadline: () => bigint, what: (tracer: Tracer) => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      if (closed) return reject(new TracesClosedError())
      const ask = async (tracer: Tracer) => resolve(await what(tracer))
      questions.push({ run, deadline, ask, fail: reject })
      serveAll()
    })

  const runOf = (source: TracedRun): Run => {
    const known = runs.get(source.key)
    if (known) return known
    const state = { placed: false, tracer: undefined, busy: false, ending: undefined }
    const run: Run = { source, users: new Set(), states: new Map(), ...state }
    runs.set(source.key, run)
    return run
  }

  return {
    share: (source, deadline) => {
      const run = runOf(source)
      run.users.add(deadline)
      const statesAt = async (steps: readonly bigint[]) => {
        const isKnown = () => steps.every((step) => run.states.has(step))
        if (!isKnown()) {
          await put(run, deadline, async (tracer) => {
            if (isKnown()) return // another game asked the same meanwhile
            const states = await tracer.statesAt(steps)
            for (const [i, step] of steps.entries()) run.states.set(step, states[i]!)
          })
        }
        return steps.map((step) => run.states.get(step)!)
      }
      return {
        statesAt,
        ending: async () => {
          run.ending ??= await put(run, deadline, async (tracer) => run.ending ?? tracer.ending())
          return run.ending
        },
        proveAt: (step) => put(run, deadline, (tracer) => tracer.proveAt(step)),
        lookAt: (step) => put(run, deadline, (tracer) => tracer.lookAt(step)),
        close: async () => {
          run.users.delete(deadline)
          forget(run)
          serveAll()
          await Promise.all(closing)
        },
      }
    },
    quiet: () =>
      working === 0 && questions.length === 0
        ? Promise.resolve()
        : new Promise((resolve) => void waiters.push(resolve)),
    status: () => ({ open: placesTaken(), working, waiting: questions.length }),
    close: async () => {
      closed = true
      for (const { fail } of questions) fail(new TracesClosedError())
      questions = []
      for (const run of runs.values()) end(run)
      serveAll()
      await Promise.all(closing)
    },
  }
}

function urgencyOf(run: Run): bigint {
  const deadlines = [...run.users].map((deadline) => deadline())
  return deadlines.reduce((first, each) => (each < first ? each : first), 2n ** 64n)
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
