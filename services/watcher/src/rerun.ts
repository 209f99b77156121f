/** Runs a job again, in a limited process of its own, and compares what comes out with what was signed. */
import { commit, STATUS_CODES } from '@millrace/machine'
import { HostAbort, ModuleRefused, type Runner, type RunOutcome } from '@millrace/runner'
import type { Job, Result } from '@millrace/sdk'
import type { RunBytes, RunSize } from './journal/journal.ts'

export type Finding =
  | { readonly verdict: 'right' }
  | {
      readonly verdict: 'wrong'
      readonly size: RunSize
      readonly differs: readonly string[]
    }
  /** Nothing follows from it. */
  | { readonly verdict: 'unknown'; readonly why: string }

/** A wrong result costs a bond if it is not wrong: a bit that fell over in one run must not make it so. */
const RUNS = 2

const OUT_OF_FUEL = STATUS_CODES['out-of-fuel']

export interface Rerun extends RunBytes {
  readonly job: Job
  readonly result: Result
}

/**
 * @throws {HostAbort} `stopped` where the runner is closed meanwhile
 */
export async function rerun(runner: Runner, what: Rerun): Promise<Finding> {
  const { job, input } = what
  const found = commit(input)
  if (found !== job.input) return unknown(`the input has the root ${found}, not ${job.input}`)
  try {
    const { own, memoryPages } = await runOnce(runner, what)
    const differs = differences(own, what.result)
    if (differs.length === 0) return { verdict: 'right' }
    for (let run = 2; run <= RUNS; run++) {
      const again = await runOnce(runner, what)
      if (!isSame(own, again.own)) return unknown('two runs of it came out differently')
    }
    // A game has as many moves as the result's fuel gives it, though the run be short.
    const { fuelUsed } = what.result
    const fuel = isCutOff(own, what.result) ? job.fuel : own.fuelUsed > fuelUsed ? own.fuelUsed : fuelUsed
    return { verdict: 'wrong', size: { fuel, memoryPages }, differs }
  } catch (error) {
    if (error instanceof WrongProgram || error instanceof ModuleRefused) return unknown(error.message)
    if (error instanceof HostAbort && error.reason !== 'stopped') return unknown(error.message)
    throw error
  }
}

class WrongProgram extends Error {}

/** In a process that nothing ran in before. */
function runOnce(
  runner: Runner,
  { job, result, program, input }: Rerun,
): Promise<{ own: RunOutcome; memoryPages: number }> {
  return runner.use(result.ticket, async (session) => {
    const { root, memoryPages } = await session.load(async () => program)
    if (root !== job.programRoot) {
      throw new WrongProgram(`the program has the root ${root}, not ${job.programRoot}`)
    }
    const own = await session.run({ input, fuel: fuelFor(job, result), outputMax: job.outputMax })
    session.discard()
    return { own, memoryPages }
  })
}

/**
 * A run that needs more than its result says is wrong whatever comes of it: so nobody can tire watchers by saying little
 * about a long one. What the limit is, a program cannot see before it comes to it.
 */
function fuelFor(job: Job, result: Result): bigint {
  return result.status === OUT_OF_FUEL ? job.fuel : result.fuelUsed
}

function differences(own: RunOutcome, result: Result): string[] {
  const { status, fuelUsed, output } = result
  if (isCutOff(own, result)) return ['fuel']
  return [
    ...(own.status === status ? [] : ['status']),
    ...(own.fuelUsed === fuelUsed ? [] : ['fuel']),
    ...(commit(own.output) === output ? [] : ['output']),
  ]
}

/** Whether it needed more than the result says; nothing else is known of it then. */
function isCutOff(own: RunOutcome, result: Result): boolean {
  return own.status === OUT_OF_FUEL && result.status !== OUT_OF_FUEL
}

function isSame(a: RunOutcome, b: RunOutcome): boolean {
  return a.status === b.status && a.fuelUsed === b.fuelUsed && Buffer.compare(a.output, b.output) === 0
}

function unknown(why: string): Finding {
  return { verdict: 'unknown', why }
}
