import { digestAcceptance } from '@millrace/sdk'
import { and, eq, inArray } from 'drizzle-orm'
import type { Hex } from 'viem'
import type { Context } from '../context.ts'
import { notFound } from '../errors.ts'
import { termsIn } from '../leases/view.ts'
import { jobs } from '../store/schema/index.ts'
import type { Moment, WireJobView } from '../store/wire.ts'
import { checkSigned } from './sign.ts'
import { currentView, jobView } from './view.ts'

/** The provider's signed word that it has everything and will run it. */
export async function acceptJob(context: Context, id: Hex, signature: Hex): Promise<WireJobView> {
  const found = await context.recent.job(id)
  if (!found) throw notFound('job', id)
  const { job, lease } = found
  checkSigned(
    'acceptance',
    termsIn(lease).providerKey,
    digestAcceptance(context.domain, { ticket: id }),
    signature,
  )
  const moments: Moment[] = [...(job.moments as Moment[]), { at: Date.now(), state: 'accepted' }]
  const saved = await context.committer.commit(async (tx, emit) => {
    const [row] = await tx
      .update(jobs)
      .set({ state: 'accepted', acceptance: signature, moments })
      .where(and(eq(jobs.id, id), inArray(jobs.state, ['queued', 'dispatched'])))
      .returning()
    if (!row) return undefined
    const data = await jobView(tx, row, lease)
    const about = { order: job.order ?? undefined, lease: lease.id, job: id }
    emit({ type: 'job.accepted', accounts: [job.tasker, job.provider], ...about, data, transient: true })
    return { row, data }
  })
  if (!saved) return currentView(context, id)
  context.recent.putJob(saved.row)
  return saved.data
}
