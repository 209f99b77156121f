/** What a run is made again from, and how that is opened. */
import type { Tamper } from '@millrace/machine/steps'
import type { Tracer } from '@millrace/sdk'

export interface TraceSource {
  readonly program: Uint8Array
  readonly input: Uint8Array
  readonly fuel: bigint
  readonly outputMax: number
  /** Where a development liar altered it. */
  readonly tamper?: Tamper
}

/** A run, and the bytes that came out of it. */
export interface OpenedTrace extends Tracer {
  output(): Promise<Uint8Array>
}

/** Opens a run in a limited process. */
export type OpenTrace = (source: TraceSource) => Promise<OpenedTrace>
