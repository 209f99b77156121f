/** Hears of results: each may be told twice, none is missed over a restart. */
import { type JobView, listJobs, type MillraceClient, watchEvents } from '@millrace/sdk'
import type { Logger } from 'pino'
import type { Journal } from './journal/journal.ts'
import { pause } from './pause.ts'

export interface EventDeps {
  readonly client: MillraceClient
  readonly journal: Journal
  readonly log: Logger
  /** Hears of every result, perhaps more than once. */
  onResult(job: JobView): void
}

/** Results asked for at once. */
const PAGE = 100

/** How often what was missed is asked for again. Milliseconds. */
const AGAIN_MS = 5_000

/** Follows the whole market until the signal. Where nothing was heard before, what is there already comes first. */
export function followResults(deps: EventDeps, signal: AbortSignal): void {
  const { client, journal, log, onResult } = deps
  /** Results may be there that were never written down: then how far the events were read says nothing. */
  let missed = journal.lastEvent() === undefined ? 1 : 0
  const catchUp = oneAtATime(async () => {
    while (missed > 0 && !signal.aborted) {
      const before = missed
      try {
        await listResults(deps, signal)
        if (missed === before) missed = 0
      } catch (error) {
        if (signal.aborted) return
        log.warn({ err: error }, 'could not ask for the results that are there already; trying again')
        await pause(AGAIN_MS, signal).catch(() => {})
      }
    }
  })
  watchEvents(client, {
    types: ['job.result'],
    // A stream from the beginning would bring as many, each as it was told then.
    lastEventId: journal.lastEvent(),
    signal,
    onOpen: catchUp,
    onEvent: (event) => {
      if (event.type !== 'job.result') return
      try {
        onResult(event.data as JobView)
        if (missed === 0) journal.setLastEvent(event.id)
      } catch (error) {
        missed++
        log.error({ event: event.id, err: error }, 'a result could not be written down')
        catchUp()
      }
    },
    onError: (error) => log.warn({ err: error }, 'the event stream broke; taking it up again'),
  })
}

/** Does nothing where the work is under way already. */
function oneAtATime(work: () => Promise<void>): () => void {
  let running = false
  return () => {
    if (running) return
    running = true
    void work().finally(() => {
      running = false
    })
  }
}

/** What can still be contested: not what is paid. A case that is open may be lost on purpose. */
const CONTESTABLE = ['result', 'disputed'] as const

/** All results of leases that are not over, and some of leases that are. */
export async function listResults(
  { client, onResult }: Pick<EventDeps, 'client' | 'onResult'>,
  signal: AbortSignal,
): Promise<void> {
  for (const state of CONTESTABLE) {
    let cursor: string | undefined
    do {
      const page = await listJobs(client, { state, limit: PAGE, cursor, signal })
      for (const job of page.jobs) onResult(job)
      cursor = page.cursor
    } while (cursor)
  }
}
