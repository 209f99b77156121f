/** Runs a case's job again, in the same limited process as a provider runs it. */

import { MACHINE_VERSION } from '@millrace/machine'
import { createRunner, type Jail, type RunnerLimits, type RunOutcome } from '@millrace/runner'
import type { ChainCase } from '@millrace/sdk'
import type { Evidence } from './evidence.ts'

export type Rerun =
  | { readonly state: 'finished'; readonly outcome: RunOutcome; readonly runs: number }
  /** It did not come to a result here; nothing follows from that. */
  | { readonly state: 'unfinished'; readonly why: string }

export interface RerunOptions {
  /** Longest run, in seconds. */
  readonly wallSeconds?: number
  readonly jail?: Jail
}

/**
 * One run may be hit by a cosmic ray or a full disk, and a verdict of guilty takes somebody's money: every case is
 * run twice, each time in a process of its own.
 */
const RUNS = 2

/** As much memory as any program can have, and no process that is used twice. */
const LIMITS: Omit<RunnerLimits, 'wallMs'> = { maxJobs: 1, maxWarm: 0, memoryPages: 16_384, cpuShare: 1 }
const WALL_SECONDS = 3_600

export async function rerun(
  found: ChainCase,
  evidence: Evidence,
  options: RerunOptions = {},
): Promise<Rerun> {
  const { program, input } = evidence
  if (!program || !input) return unfinished('program or input could not be had')
  if (found.scheme.machineVersion !== MACHINE_VERSION) {
    return unfinished(`it wants machine version ${found.scheme.machineVersion}; this is ${MACHINE_VERSION}`)
  }
  const { wallSeconds = WALL_SECONDS, jail } = options
  const runner = createRunner({ ...LIMITS, wallMs: wallSeconds * 1_000 }, jail)
  const { fuel, outputMax, programRoot } = found.job
  const runOnce = () =>
    runner.use(found.id, async (session) => {
      const { root } = await session.load(async () => program)
      if (root !== programRoot)
        throw new Error(`the program’s bytes have the root ${root}, not ${programRoot}`)
      return session.run({ input, fuel, outputMax })
    })
  try {
    const outcome = await runOnce()
    for (let run = 2; run <= RUNS; run++) {
      if (!sameOutcome(outcome, await runOnce())) return unfinished('two runs of it came out differently')
    }
    return { state: 'finished', outcome, runs: RUNS }
  } catch (error) {
    return unfinished(error instanceof Error ? error.message : String(error))
  } finally {
    await runner.close()
  }
}

export function sameOutcome(a: RunOutcome, b: RunOutcome): boolean {
  return a.status === b.status && a.fuelUsed === b.fuelUsed && Buffer.compare(a.output, b.output) === 0
}

function unfinished(why: string): Rerun {
  return { state: 'unfinished', why }
}
