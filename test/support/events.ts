/** What the matcher tells, from the beginning, for tests that wait for something or count it afterwards. */
import { createMillraceClient, type MarketEvent, watchEvents } from '@millrace/sdk'
import type { Hex } from 'viem'
import type { Stack } from '../../scripts/stack/startStack.ts'

/** Generous: a loaded machine is no failure. Milliseconds. */
const PATIENCE = 60_000

export interface EventLog {
  /** All that came so far. */
  readonly seen: readonly MarketEvent[]
  /** The first event that matches, past or future. */
  until(what: string, matches: (event: MarketEvent) => boolean): Promise<MarketEvent>
  ofType<T extends MarketEvent['type']>(type: T): Promise<EventOf<T>>
  stop(): void
}

/** The member of the union that has this type among its own. */
type EventOf<T, E = MarketEvent> = E extends { type: infer U } ? (T extends U ? E : never) : never

export type About = { account: Hex } | { order: Hex } | { lease: Hex } | { job: Hex }

/** Listens from the matcher's first event on, over breaks and restarts of it. */
export function listen({ urls }: Stack, about: About): EventLog {
  const seen: MarketEvent[] = []
  const listeners = new Set<(event: MarketEvent) => void>()
  const stop = watchEvents(createMillraceClient({ matcher: urls.matcher }), {
    ...about,
    lastEventId: '0',
    onEvent: (event) => {
      // Over a break an event may come twice.
      if (seen.some(({ id }) => id === event.id)) return
      seen.push(event)
      for (const hear of listeners) hear(event)
    },
  })

  const until: EventLog['until'] = (what, matches) =>
    new Promise((resolve, reject) => {
      const past = seen.find(matches)
      if (past) return resolve(past)
      const hear = (event: MarketEvent) => {
        if (!matches(event)) return
        end()
        resolve(event)
      }
      const timer = setTimeout(() => {
        end()
        reject(
          new Error(`No ${what} came within ${PATIENCE} ms, but ${seen.map(({ type }) => type).join(', ')}.`),
        )
      }, PATIENCE)
      const end = () => {
        clearTimeout(timer)
        listeners.delete(hear)
      }
      listeners.add(hear)
    })

  return {
    seen,
    until,
    ofType: async (type) => (await until(type, (event) => event.type === type)) as never,
    stop,
  }
}
