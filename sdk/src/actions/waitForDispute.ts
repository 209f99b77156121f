import type { Hex } from 'viem'
import type { DisputeView } from '../api/dispute.ts'
import type { MillraceClient } from '../client/client.ts'
import { type WaitOptions, waitFor } from '../client/waitFor.ts'
import { ProblemError } from '../errors/http.ts'
import { getDispute } from './disputes.ts'
import { watchEvents } from './watchEvents.ts'

/** Waits until a case is ruled, timed out or moot; its state says which. */
export function waitForDispute(
  client: MillraceClient,
  { caseId, lease, ...options }: WaitOptions & { caseId: Hex; lease: Hex },
): Promise<DisputeView> {
  const ended = (view: DisputeView) => (view.state === 'open' ? undefined : view)
  return waitFor({
    ...options,
    what: `Waiting for case ${caseId}`,
    listen: (listener) => watchEvents(client, { lease, ...listener }),
    match: (event) =>
      event.type.startsWith('dispute.') && (event.data as DisputeView).id === caseId
        ? ended(event.data as DisputeView)
        : undefined,
    // A matcher may hear of a case a block after the challenger: its event will tell.
    read: async () => {
      const view = await getDispute(client, { caseId }).catch(unlessMissing)
      return view && ended(view)
    },
  })
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof ProblemError && error.status === 404) return undefined
  throw error
}
