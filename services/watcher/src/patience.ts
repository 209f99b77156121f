/** How long to wait before what failed is tried again: twice as long each time, and never so long that a clock runs out. */
export interface Patience {
  /** Says in how many seconds it may be tried again. */
  fail(name: string): number
  isOver(name: string): boolean
}

const FIRST = 2
const MOST = 15

/** @param now milliseconds */
export function createPatience(now: () => number = () => performance.now()): Patience {
  const waits = new Map<string, { seconds: number; until: number }>()
  return {
    fail: (name) => {
      const seconds = Math.min(MOST, 2 * (waits.get(name)?.seconds ?? FIRST / 2))
      waits.set(name, { seconds, until: now() + seconds * 1_000 })
      return seconds
    },
    isOver: (name) => now() >= (waits.get(name)?.until ?? 0),
  }
}
