/** Waiting that can be called off, and how long to wait before the next try. */

/** Resolves after `ms`; rejects with the signal's reason as soon as it aborts. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}

export interface Backoff {
  /** Milliseconds before the second try. */
  first: number
  /** Milliseconds that no wait exceeds. */
  most: number
}

/**
 * Exponential backoff with full jitter: a random time up to twice the last bound, so that many clients that
 * lost one server do not come back at one instant.
 */
export function backoff(attempt: number, { first, most }: Backoff, random: () => number): number {
  const bound = Math.min(most, first * 2 ** Math.min(attempt, 30))
  return Math.round(bound * (0.5 + random() / 2))
}
