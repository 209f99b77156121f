import { digestClose } from '@millrace/sdk'
import { eq } from 'drizzle-orm'
import type { Hex } from 'viem'
import type { Context } from '../context.ts'
import { notFound, RefusedError } from '../errors.ts'
import { checkSigned } from '../jobs/sign.ts'
import { addIntent } from '../journal/intents.ts'
import type { Tx } from '../store/database.ts'
import { leases } from '../store/schema/index.ts'
import type { WireClose, WireLeaseView } from '../store/wire.ts'
import { type ClosePart, isComplete, mergeClose } from './mergeClose.ts'
import { type LeaseRow, leaseView, termsIn } from './view.ts'

/** One key's word on the end of a lease. With both there, the lease is closed on chain. */
export async function submitClose(context: Context, id: Hex, part: ClosePart): Promise<WireLeaseView> {
  const { committer, queues, recent } = context
  queues.assertUp()
  const lease = await recent.lease(id)
  if (!lease) throw notFound('lease', id)
  checkClose(context, lease, part)
  const saved = await committer.commit(async (tx, emit) => {
    await keepClose(tx, id, part)
    const [row] = await tx.select().from(leases).where(eq(leases.id, id))
    const data = await leaseView(tx, row!)
    const complete = isComplete(row!.close as WireClose | null)
    // The other side may sign the same: nothing else tells it that it was asked to.
    const { tasker, provider, bid } = lease
    if (!complete) emit({ type: 'lease.closing', accounts: [tasker, provider], order: bid, lease: id, data })
    return { row: row!, data, complete }
  })
  recent.putLease(saved.row)
  if (saved.complete) await queues.add('settlement', closeIntent(id))
  return saved.data
}

export const closeIntent = (lease: string) => `close.${lease}`

export function checkClose({ clock, domain }: Context, lease: LeaseRow, part: ClosePart): void {
  const { taskerKey, providerKey } = termsIn(lease)
  const { owed, until } = part
  if (until <= clock.now()) {
    throw new RefusedError(422, 'close-expired', `The signature was good before ${until}.`, {
      remedy: 'Sign the close again with a later `until`.',
      facts: { until, now: clock.now() },
    })
  }
  const digest = digestClose(domain, { lease: lease.id as Hex, owed, until })
  const key = part.by === 'tasker' ? taskerKey : providerKey
  checkSigned(`${part.by}'s close`, key, digest, part.signature as Hex)
}

/** Writes one side's part, and what is to be done once both are there. */
export async function keepClose(tx: Tx, id: string, part: ClosePart): Promise<void> {
  const [row] = await tx.select({ close: leases.close }).from(leases).where(eq(leases.id, id))
  const close = mergeClose(row?.close as WireClose | null, part)
  await tx.update(leases).set({ close }).where(eq(leases.id, id))
  if (isComplete(close)) await addIntent(tx, { id: closeIntent(id), kind: 'close', payload: {} })
}
