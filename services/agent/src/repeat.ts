/** Work that is done again and again, one time after the other. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'

/** Calls `work` now and then `everyMs` after it ended, until the signal. What it throws is logged. */
export function repeat(
  name: string,
  work: () => Promise<void>,
  everyMs: number,
  signal: AbortSignal,
  log: Logger,
): { ended: Promise<void> } {
  const run = async () => {
    while (!signal.aborted) {
      try {
        await work()
      } catch (error) {
        if (!signal.aborted) log.warn({ loop: name, err: error }, 'this did not work; trying again')
      }
      await delay(everyMs, undefined, { signal }).catch(() => {})
    }
  }
  return { ended: run() }
}
