/** Waits for what no event tells: looks, again and again, and gives up with what it saw. */
import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'

/** Generous: a loaded machine is no failure. Milliseconds. */
const PATIENCE = 60_000
const LOOK_MS = 50
/** Of a list that was seen last, only so many of its newest are told. */
const NEWEST = 20

/** What `look` returns, once it matches. */
export async function lookUntil<T>(
  what: string,
  look: () => T | Promise<T>,
  matches: (seen: T) => boolean,
  patience = PATIENCE,
): Promise<T> {
  const end = Date.now() + patience
  for (;;) {
    const seen = await look()
    if (matches(seen)) return seen
    if (Date.now() >= end) throw new Error(`Within ${patience} ms no ${what}; last seen: ${tell(seen)}`)
    await delay(LOOK_MS)
  }
}

const tell = (seen: unknown) => inspect(Array.isArray(seen) ? seen.slice(-NEWEST) : seen, { depth: 4 })
