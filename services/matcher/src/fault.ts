/**
 * Named points at which a test can kill the process, as a power cut would: `FAULT_AT=intent` with
 * `MILLRACE_DEV=1`. In production the variable means nothing.
 */
export type FaultPoint =
  /** An order is on disk and not acknowledged yet. */
  | 'accept'
  /** A pair was found and nothing is written about it. */
  | 'pair'
  /** The intent is on disk. */
  | 'intent'
  /** The signed transaction is on disk and not broadcast. */
  | 'signed'
  /** It was broadcast and that is not written. */
  | 'sent'
  /** It was mined and that is not written. */
  | 'mined'
  /** It is as deep as it must be and that is not written. */
  | 'confirmed'

export function faultAt(point: FaultPoint): void {
  if (process.env.MILLRACE_DEV === '1' && process.env.FAULT_AT === point) process.kill(process.pid, 'SIGKILL')
}
