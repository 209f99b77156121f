import type { JobState } from '@millrace/sdk/api'
import { and, desc, eq, lt, or } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { jobs, leases } from '../store/schema/index.ts'
import type { WireJobView } from '../store/wire.ts'
import { wholeJobView } from './view.ts'

/** Looked at for one page: a rare state is found by asking for the next ones. */
const MOST_SCANNED = 1_000

interface Wanted {
  account?: string
  state?: JobState
  limit: number
  cursor?: string
}

/** Newest first. A state follows from job, lease and disputes together, so that it is looked for here. */
export async function listJobs(
  context: Context,
  { account, state, limit, cursor }: Wanted,
): Promise<{ jobs: WireJobView[]; cursor?: string }> {
  const found: WireJobView[] = []
  let last = cursor ? Number(cursor) : Number.MAX_SAFE_INTEGER
  for (let scanned = 0; scanned < MOST_SCANNED; scanned += limit) {
    const rows = await context.db
      .select({ job: jobs, lease: leases })
      .from(jobs)
      .innerJoin(leases, eq(leases.id, jobs.lease))
      .where(
        and(
          lt(jobs.seq, last),
          account ? or(eq(jobs.tasker, account), eq(jobs.provider, account)) : undefined,
        ),
      )
      .orderBy(desc(jobs.seq))
      .limit(limit)
    for (const { job, lease } of rows) {
      const view = await wholeJobView(context, job, lease)
      last = job.seq
      if (!state || view.state === state) found.push(view)
      if (found.length === limit) return { jobs: found, cursor: String(last) }
    }
    if (rows.length < limit) return { jobs: found }
  }
  return { jobs: found, cursor: String(last) }
}
