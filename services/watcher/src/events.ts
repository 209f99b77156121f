/** Hears of results: each may be told twice, none is missed over a restart. */
import { type JobView, listJobs, type MillraceClient, watchEvents } from '@millrace/sdk'
import type { Logger } from 'pino'
import type { Journal } from './journal/journal.ts'

export interface EventDeps {
  readonly client: MillraceClient
  readonly journal: Journal
  readonly log: Logger
  /** Hears of every result, perhaps more than once. */
  onResult(job: JobView): void
}

/** Results asked for at once. */
const PAGE = 100

/** Follows the whole market until the signal. Where nothing was heard before, what is there already comes first. */
export function followResults(deps: EventDeps, signal: AbortSignal): void {
  const { client, journal, log, onResult } = deps
  let isFirst = journal.lastEvent() === undefined
  watchEvents(client, {
    types: ['job.result'],
    // A stream from the beginning would bring as many, each as it was told then.
    lastEventId: journal.lastEvent(),
    signal,
    onOpen: () => {
      if (!isFirst) return
      isFirst = false
      listResults(deps, signal).catch((error: unknown) => {
        if (signal.aborted) return
        isFirst = true
        log.warn({ err: error }, 'could not ask for the results that are there already')
      })
    },
    onEvent: (event) => {
      if (event.type !== 'job.result') return
      onResult(event.data as JobView)
      journal.setLastEvent(event.id)
    },
    onError: (error) => log.warn({ err: error }, 'the event stream broke; taking it up again'),
  })
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
