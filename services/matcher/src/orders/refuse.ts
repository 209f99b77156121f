import type { MillraceError } from '@millrace/sdk'
import { and, eq, or } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { orders } from '../store/schema/index.ts'
import { orderView } from './view.ts'

/** Errors of the lease book that an order will meet whatever it is paired with, and what names the order in them. */
const FATAL = new Set(['bad-order-signature', 'order-expired', 'nonce-spent'])

/** Takes an order out of the book that the chain would refuse in any pair. False where the pair is at fault. */
export async function refuseOrder(
  context: Context,
  bid: string,
  ask: string,
  error: MillraceError,
): Promise<boolean> {
  if (!FATAL.has(error.code)) return false
  const { digest, account } = error.facts as { digest?: string; account?: string }
  const { committer, db } = context
  const rows = await db
    .select()
    .from(orders)
    .where(or(eq(orders.digest, bid), eq(orders.digest, ask)))
  const guilty = rows.find((row) => (digest ? row.digest === digest : row.account === account?.toLowerCase()))
  if (!guilty) return false
  await committer.commit(async (tx, emit) => {
    const [row] = await tx
      .update(orders)
      .set({ status: 'cancelled' })
      .where(and(eq(orders.digest, guilty.digest), eq(orders.status, 'open')))
      .returning()
    if (!row) return
    const data = await orderView(tx, row)
    emit({ type: 'order.cancelled', accounts: [row.account], order: row.digest, data })
  })
  context.log.info({ order: guilty.digest, code: error.code }, 'an order can open no lease any more')
  return true
}
