import { and, eq } from 'drizzle-orm'
import type { Hex } from 'viem'
import type { Context } from '../context.ts'
import { orders } from '../store/schema/index.ts'
import { orderView } from './view.ts'

/** Takes an order out of the book whose time is over. Returns in how many milliseconds to look again. */
export async function expireOrder(context: Context, digest: string): Promise<number | undefined> {
  const { db, clock, committer, book } = context
  const [row] = await db.select().from(orders).where(eq(orders.digest, digest))
  if (row?.status !== 'open') return undefined
  if (BigInt(row.expiry) > clock.now()) return clock.until(BigInt(row.expiry))
  await committer.commit(async (tx, emit) => {
    const [after] = await tx
      .update(orders)
      .set({ status: 'expired' })
      .where(and(eq(orders.digest, digest), eq(orders.status, 'open')))
      .returning()
    if (!after) return
    const data = await orderView(tx, after)
    if (data.status === 'expired') {
      emit({ type: 'order.expired', accounts: [after.account], order: digest, data })
    }
  })
  book.remove(digest as Hex)
  return undefined
}
