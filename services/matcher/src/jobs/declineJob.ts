import { and, eq, inArray } from 'drizzle-orm'
import type { Address, Hex } from 'viem'
import type { Context } from '../context.ts'
import { notFound, RefusedError } from '../errors.ts'
import { termsIn } from '../leases/view.ts'
import { jobs } from '../store/schema/index.ts'
import type { Moment, WireJobView } from '../store/wire.ts'
import { currentView, jobView } from './view.ts'

/** The provider says that it will not run the job, and why. Its lease it gives up on chain itself. */
export async function declineJob(
  context: Context,
  id: Hex,
  key: Address,
  { reason, detail }: { reason: string; detail: string },
): Promise<WireJobView> {
  const found = await context.recent.job(id)
  if (!found) throw notFound('job', id)
  const { job, lease } = found
  if (key !== termsIn(lease).providerKey) {
    throw new RefusedError(403, 'not-the-provider', `${key} does not sign for the provider of this job.`, {
      remedy: "Sign the request with the provider's key in the lease's terms.",
      facts: { key, providerKey: termsIn(lease).providerKey },
    })
  }
  const note = detail ? `${reason}: ${detail}` : reason
  const moments: Moment[] = [...(job.moments as Moment[]), { at: Date.now(), state: 'declined', note }]
  const saved = await context.committer.commit(async (tx, emit) => {
    const [row] = await tx
      .update(jobs)
      .set({ state: 'declined', reason, moments })
      .where(and(eq(jobs.id, id), inArray(jobs.state, ['queued', 'dispatched', 'accepted'])))
      .returning()
    if (!row) return undefined
    const data = await jobView(tx, row, lease)
    const about = { order: job.order ?? undefined, lease: lease.id, job: id }
    emit({ type: 'job.declined', accounts: [job.tasker, job.provider], ...about, data, transient: true })
    return { row, data }
  })
  if (!saved) return currentView(context, id)
  context.recent.putJob(saved.row)
  context.metrics.jobs.inc({ state: 'declined' })
  return saved.data
}
