import type { DisputeState } from '@millrace/sdk/api'
import { and, desc, eq, sql } from 'drizzle-orm'
import type { Database } from '../store/database.ts'
import { chainLogs } from '../store/schema/index.ts'
import type { WireDisputeView } from '../store/wire.ts'
import { disputeView } from './view.ts'

const MOST_LISTED = 100
const MOST_SCANNED = 1_000

/** Newest first. */
export async function listDisputes(
  db: Database,
  { arbiter, state }: { arbiter?: string; state?: DisputeState },
): Promise<WireDisputeView[]> {
  const rows = await db
    .select({ case: chainLogs.case })
    .from(chainLogs)
    .where(
      and(
        // Cases of any scheme; one that asks an arbiter names him in an event of its own.
        eq(chainLogs.name, arbiter ? 'CaseOpened' : 'DisputeOpened'),
        arbiter ? sql`${chainLogs.args} ->> 'arbiter' = ${arbiter}` : undefined,
      ),
    )
    .orderBy(desc(chainLogs.block), desc(chainLogs.index))
    .limit(MOST_SCANNED)
  const found: WireDisputeView[] = []
  for (const row of rows) {
    const view = await disputeView(db, row.case!)
    if (view && (!state || view.state === state)) found.push(view)
    if (found.length === MOST_LISTED) break
  }
  return found
}
