/**
 * Keeps job processes to a share of a CPU by stopping them for the rest of each period. Unlike a low priority it
 * holds on an idle computer too: fans and batteries notice.
 */

/** What can be stopped for a while. */
export interface Pausable {
  pause(on: boolean): void
}

/** Short enough that a stopped job is no pause to a person, long enough that two signals cost nothing. */
export const PERIOD_MS = 100

/** How long a process runs in a period, and how long it then stands still. */
export function dutyOf(share: number): { runMs: number; stopMs: number } {
  const runMs = Math.round(PERIOD_MS * Math.min(1, Math.max(0.05, share)))
  return { runMs, stopMs: PERIOD_MS - runMs }
}

/** Starts the duty cycle of one busy process; the function that it returns ends it, with the process running. */
export function holdShare(process: Pausable, share: number): () => void {
  const { runMs, stopMs } = dutyOf(share)
  if (stopMs === 0) return () => {}
  let timer: NodeJS.Timeout
  const run = () => {
    process.pause(false)
    timer = setTimeout(stop, runMs)
  }
  const stop = () => {
    process.pause(true)
    timer = setTimeout(run, stopMs)
  }
  // A job shorter than its share of one period is never stopped.
  timer = setTimeout(stop, runMs)
  return () => {
    clearTimeout(timer)
    process.pause(false)
  }
}
