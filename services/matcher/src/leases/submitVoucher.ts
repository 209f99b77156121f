import { digestVoucher, mostOf } from '@millrace/sdk'
import { and, eq, sql } from 'drizzle-orm'
import type { Hex } from 'viem'
import type { Context } from '../context.ts'
import { notFound, RefusedError } from '../errors.ts'
import { checkSigned } from '../jobs/sign.ts'
import { leases } from '../store/schema/index.ts'
import type { WireLeaseView, WireVoucher } from '../store/wire.ts'
import { leaseView, termsIn } from './view.ts'

/** The tasker's word on what it owes so far. Only the highest one is kept, since each includes those before. */
export async function submitVoucher(
  context: Context,
  id: Hex,
  { owed, signature }: { owed: bigint; signature: Hex },
): Promise<WireLeaseView> {
  const { db, domain, committer, recent } = context
  const lease = await recent.lease(id)
  if (!lease) throw notFound('lease', id)
  const terms = termsIn(lease)
  const most = mostOf({ ...terms, taskerFee: 0 })
  if (owed > most) {
    throw new RefusedError(
      422,
      'voucher-too-high',
      `The lease comes to ${most} at most, and ${owed} is owed.`,
      {
        remedy: 'Sign a voucher for no more than the lease locks.',
        facts: { most, owed },
      },
    )
  }
  checkSigned('voucher', terms.taskerKey, digestVoucher(domain, { lease: id, owed }), signature)
  const voucher: WireVoucher = { owed: owed.toString(), signature }
  const isHigher = sql`coalesce((${leases.voucher} ->> 'owed')::numeric, -1) < ${voucher.owed}::numeric`
  const row = await committer.commit(async (tx, emit) => {
    const rows = await tx
      .update(leases)
      .set({ voucher })
      .where(and(eq(leases.id, id), isHigher))
      .returning()
    if (rows.length > 0) {
      const accounts = [lease.tasker, lease.provider]
      emit({ type: 'voucher.received', accounts, order: lease.bid, lease: id, data: voucher })
    }
    return rows[0]
  })
  if (row) recent.putLease(row)
  const last = (row ?? (await recent.lease(id)) ?? lease).voucher as WireLeaseView['voucher']
  return { ...(await recent.view(id, () => leaseView(db, lease))), voucher: last }
}
