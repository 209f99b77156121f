/** Disputes as the matcher sees them. */
import type { Address, Hex } from 'viem'
import { type DisputeState, type DisputeView, disputesPageSchema, disputeViewSchema } from '../api/dispute.ts'
import type { MillraceClient } from '../client/client.ts'
import { requestJson } from '../http/request.ts'

export function getDispute(
  client: MillraceClient,
  { caseId, signal }: { caseId: Hex; signal?: AbortSignal },
): Promise<DisputeView> {
  return requestJson(client, `/v1/disputes/${caseId}`, disputeViewSchema, { signal })
}

/** Newest first. */
export async function listDisputes(
  client: MillraceClient,
  { arbiter, state, signal }: { arbiter?: Address; state?: DisputeState; signal?: AbortSignal } = {},
): Promise<DisputeView[]> {
  const query = new URLSearchParams({ ...(arbiter && { arbiter }), ...(state && { state }) })
  return (
    await requestJson(client, `/v1/disputes${query.size > 0 ? `?${query}` : ''}`, disputesPageSchema, {
      signal,
    })
  ).disputes
}
