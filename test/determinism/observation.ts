import type { RunResult } from '@millrace/machine'

/** What must be the same everywhere, by its roots; as JSON, for it comes out of other processes. */
export interface Observation {
  readonly programRoot: string
  readonly status: string
  readonly fuelUsed: string
  readonly outputRoot: string
}

/** Or no result, and the code of the error: `host-abort` where the host could not finish the run. */
export type Observed = Observation | string

export function observation(programRoot: string, result: RunResult): Observation {
  const { status, fuelUsed, outputRoot } = result
  return { programRoot, status, fuelUsed: String(fuelUsed), outputRoot }
}
