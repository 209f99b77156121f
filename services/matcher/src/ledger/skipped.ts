/** A batch went through without one of ours: its intent is refused, with the contract's reason. */
import { decodeRevert } from '@millrace/sdk'
import { and, eq, like, or, sql } from 'drizzle-orm'
import type { Hex } from 'viem'
import type { ChainLog } from '../chain/contracts.ts'
import type { Tx } from '../store/database.ts'
import { intents, transactions } from '../store/schema/index.ts'

const NAMES: Record<string, (args: Record<string, unknown>) => string> = {
  MatchSkipped: ({ bid }) => `open.${bid}.%`,
  CloseSkipped: ({ id }) => `close.${id}`,
  FinaliseSkipped: ({ id }) => `finalise.${id}`,
}

export function isSkip({ name }: ChainLog): boolean {
  return name in NAMES
}

/** Refuses the intents that this log answers; a stranger's batch is not about ours. */
export async function refuseSkipped(tx: Tx, log: ChainLog): Promise<{ ids: string[]; reason: string }> {
  const { code } = decodeRevert(log.args.reason as Hex)
  const [ours] = await tx
    .select({ id: transactions.id })
    .from(transactions)
    .where(or(eq(transactions.hash, log.tx), sql`${log.tx} = any(${transactions.replaced})`))
  if (!ours) return { ids: [], reason: code }
  const rows = await tx
    .update(intents)
    .set({ state: 'refused', reason: code })
    .where(
      and(
        eq(intents.tx, ours.id),
        // What came about by another transaction is done, whatever this one says.
        eq(intents.state, 'signed'),
        like(intents.id, NAMES[log.name]!(log.args)),
      ),
    )
    .returning({ id: intents.id })
  return { ids: rows.map(({ id }) => id), reason: code }
}
