/** The open cases of an arbiter, the most urgent first. */
import { type DisputeView, listDisputes, type MillraceClient } from '@millrace/sdk'
import type { Address } from 'viem'

/** Cases that wait for a ruling of `arbiter`. */
export async function listCases(client: MillraceClient, arbiter: Address): Promise<DisputeView[]> {
  const open = await listDisputes(client, { arbiter: arbiter.toLowerCase() as Address, state: 'open' })
  return open
    .filter((view) => view.verdict === undefined)
    .sort((a, b) => Number(a.ruleBy - b.ruleBy) || a.id.localeCompare(b.id))
}
