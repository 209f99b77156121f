import type { Hex } from 'viem'
import type { JobState, JobView } from '../api/job.ts'
import type { MillraceClient } from '../client/client.ts'
import { type WaitOptions, waitFor } from '../client/waitFor.ts'
import { getJob } from './jobs.ts'
import { watchEvents } from './watchEvents.ts'
import { isJobEvent } from './watchJobs.ts'

export interface WaitForJobParameters extends WaitOptions {
  /** The ticket's hash. */
  job: Hex
  /** `result`: something came out, or never will. `end`: it is paid too, or never will be. */
  until?: 'result' | 'end'
}

const ENDS: readonly JobState[] = ['paid', 'declined', 'slashed', 'expired']
const RESULTS: readonly JobState[] = [...ENDS, 'result', 'disputed']

/** Waits until a job has a result or came to its end; its state says which. */
export function waitForJob(client: MillraceClient, parameters: WaitForJobParameters): Promise<JobView> {
  const { job, until = 'result', ...options } = parameters
  const reached = (view: JobView) => (hasReached(view, until) ? view : undefined)
  return waitFor({
    ...options,
    what: `Waiting for job ${job}`,
    listen: (listener) => watchEvents(client, { job, ...listener }),
    match: (event) => (event.job === job && isJobEvent(event) ? reached(event.data) : undefined),
    read: async () => reached(await getJob(client, { job })),
  })
}

/** Whether a job is as far as that. */
export function hasReached({ state }: JobView, until: 'result' | 'end'): boolean {
  return (until === 'end' ? ENDS : RESULTS).includes(state)
}
