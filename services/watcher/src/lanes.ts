/** Work by name: each at most once at a time, and so many at a time in all, in the order in which it came. */
export interface Lanes {
  /** Does the work when there is room, unless it waits or runs already. */
  add(name: string, work: () => Promise<void>): void
  /** Does it at once, whether there is room or not. */
  hurry(name: string, work: () => Promise<void>): void
  /** Resolves when nothing runs or waits any more. */
  idle(): Promise<void>
  /** Forgets what waits. */
  clear(): void
}

/** @param onError what work that fails threw */
export function createLanes(width: number, onError: (name: string, error: unknown) => void): Lanes {
  const waiting = new Map<string, () => Promise<void>>()
  const running = new Set<string>()
  let idle = Promise.withResolvers<void>()
  idle.resolve()

  const next = () => {
    const first = waiting.entries().next().value
    if (!first || running.size >= width) return
    start(...first)
    next()
  }
  const start = (name: string, work: () => Promise<void>) => {
    waiting.delete(name)
    running.add(name)
    work()
      .catch((error: unknown) => onError(name, error))
      .finally(() => {
        running.delete(name)
        next()
        if (running.size === 0) idle.resolve()
      })
  }
  const begin = () => {
    if (waiting.size === 0 && running.size === 0) idle = Promise.withResolvers<void>()
  }

  return {
    add: (name, work) => {
      if (waiting.has(name) || running.has(name)) return
      begin()
      waiting.set(name, work)
      next()
    },
    hurry: (name, work) => {
      if (running.has(name)) return
      begin()
      start(name, work)
    },
    idle: () => idle.promise,
    clear: () => {
      waiting.clear()
      if (running.size === 0) idle.resolve()
    },
  }
}
