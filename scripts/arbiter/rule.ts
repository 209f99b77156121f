/** Rules a case on chain, and has the verdict carried out. */
import { type ChainCase, type MillraceClient, refuseMoot, rule, settleDispute } from '@millrace/sdk'
import { type Hex, stringToHex } from 'viem'

export interface Ruling {
  readonly verdict: 'guilty' | 'clean'
  readonly tx: Hex
  readonly gas: bigint
  /** The transaction that moved the money; absent where somebody else was first or has to be. */
  readonly settled: Hex | undefined
}

/** @param reason for everybody to read, on chain */
export async function ruleCase(
  client: MillraceClient,
  found: ChainCase,
  verdict: 'guilty' | 'clean',
  reason: string,
): Promise<Ruling> {
  // Again: running a job may take longer than its parties need to agree.
  await refuseMoot(client, found)
  const { hash: tx, receipt } = await rule(client, { caseId: found.id, verdict, reason: stringToHex(reason) })
  return { verdict, tx, gas: receipt.gasUsed, settled: await settle(client, found) }
}

/** Anyone may settle; that somebody else has done so, or will, is no failure of the ruling. */
async function settle(
  client: MillraceClient,
  { terms, scheme, dispute }: ChainCase,
): Promise<Hex | undefined> {
  try {
    return (await settleDispute(client, { terms, scheme, dispute })).hash
  } catch {
    return undefined
  }
}
