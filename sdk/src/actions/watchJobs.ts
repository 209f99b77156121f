import type { Address, Hex } from 'viem'
import type { MarketEvent } from '../api/event.ts'
import type { JobView } from '../api/job.ts'
import type { MillraceClient } from '../client/client.ts'
import type { MillraceError } from '../errors/error.ts'
import { watchEvents } from './watchEvents.ts'

export type JobEvent = Extract<MarketEvent, { data: JobView }>

export interface WatchJobsParameters {
  /** Whose jobs, as tasker or provider; or those of one lease. */
  account?: Address
  lease?: Hex
  lastEventId?: string
  onJob(job: JobView, event: JobEvent): void
  onError?(error: MillraceError, final: boolean): void
  signal?: AbortSignal
}

/** Watches jobs go their way. Returns what stops it. */
export function watchJobs(client: MillraceClient, { onJob, ...parameters }: WatchJobsParameters): () => void {
  return watchEvents(client, {
    ...parameters,
    onEvent: (event) => isJobEvent(event) && onJob(event.data, event),
  })
}

export function isJobEvent(event: MarketEvent): event is JobEvent {
  return event.type.startsWith('job.')
}
