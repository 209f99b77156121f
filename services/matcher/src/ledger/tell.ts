import { eq } from 'drizzle-orm'
import { zeroAddress, zeroHash } from 'viem'
import type { ChainLog } from '../chain/contracts.ts'
import type { Context } from '../context.ts'
import { disputeView } from '../disputes/view.ts'
import { jobView } from '../jobs/view.ts'
import { type LeaseRow, leaseView } from '../leases/view.ts'
import type { EventDraft } from '../store/committer.ts'
import type { Tx } from '../store/database.ts'
import { jobs } from '../store/schema/index.ts'
import type { WireTerms } from '../store/wire.ts'
import { eventTypeOf } from './types.ts'

type Emit = (event: EventDraft) => void

/** Tells subscribers what the chain said. */
export async function tell(
  context: Context,
  tx: Tx,
  emit: Emit,
  log: ChainLog,
  { lease, case: id }: { lease: LeaseRow | undefined; case: string | undefined },
): Promise<void> {
  const type = eventTypeOf(log)
  if (!type) return
  const about = { lease: lease?.id, order: lease?.bid, tx: log.tx }
  const parties = lease ? [lease.tasker, lease.provider] : []
  if (type.startsWith('lease.') && lease) {
    context.metrics.leases.inc({ event: log.name })
    emit({ type, accounts: parties, ...about, data: await leaseView(tx, lease) })
    await tellJob(tx, emit, log, lease)
  } else if (type.startsWith('dispute.')) {
    const view = await disputeView(tx, id!)
    if (!view) return
    const arbiter = view.scheme.arbiter === zeroAddress ? [] : [view.scheme.arbiter]
    const accounts = new Set([...parties, view.challenger, ...arbiter])
    emit({ type, accounts: [...accounts], ...about, lease: view.lease, data: view })
  } else if (type === 'voucher.redeemed' && lease) {
    emit({ type, accounts: parties, ...about, data: { owed: log.args.owed } })
  } else if (type.startsWith('demand.') && lease) {
    emit({ type, accounts: parties, ...about, data: { index: Number(log.args.index ?? 0) } })
  }
}

/** A job lease's end is its job's: paid, or run out. Longer leases tell of their jobs by vouchers. */
async function tellJob(tx: Tx, emit: Emit, log: ChainLog, lease: LeaseRow): Promise<void> {
  if ((lease.terms as WireTerms).job === zeroHash) return
  const [job] = await tx.select().from(jobs).where(eq(jobs.lease, lease.id))
  if (!job) return
  const view = await jobView(tx, job, lease)
  const type = view.state === 'paid' ? 'job.paid' : view.state === 'expired' ? 'job.expired' : undefined
  if (!type) return
  const about = { order: lease.bid, lease: lease.id, job: job.id, tx: log.tx }
  emit({ type, accounts: [lease.tasker, lease.provider], ...about, data: view, transient: true })
}
