/** What a run is made again from, and how that is opened. */
import type { Tamper } from '@millrace/machine/steps'
import type { JailedTracer } from '@millrace/runner'
import type { Tracer } from '@millrace/sdk'

export interface TraceSource {
  readonly program: Uint8Array
  readonly input: Uint8Array
  readonly fuel: bigint
  readonly outputMax: number
  /** Where a development liar altered it. */
  readonly tamper?: Tamper
}

/** A run, and what becomes of it where it is altered. */
export type OpenedTrace = Tracer & Pick<JailedTracer, 'findLie'>

/** Opens a run in a limited process. */
export type OpenTrace = (source: TraceSource) => Promise<OpenedTrace>
