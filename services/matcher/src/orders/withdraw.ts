import { escrowAbi } from '@millrace/sdk/abi'
import { eq } from 'drizzle-orm'
import type { Address, Hex } from 'viem'
import type { Context } from '../context.ts'
import { notFound, RefusedError } from '../errors.ts'
import { orders } from '../store/schema/index.ts'
import type { WireOrderView } from '../store/wire.ts'
import type { AskDocument, BidDocument, OrderRow } from './document.ts'
import { orderView } from './view.ts'

/** Takes an order out of the book at its owner's word. Who has seen it can still have it matched elsewhere. */
export async function withdrawOrder(context: Context, digest: Hex, key: Address): Promise<WireOrderView> {
  const { db, committer, book } = context
  const [row] = await db.select().from(orders).where(eq(orders.digest, digest))
  if (!row) throw notFound('order', digest)
  if (!(await mayWithdraw(context, row, key))) {
    throw new RefusedError(403, 'not-the-owner', `${key} does not speak for ${row.account}.`, {
      remedy: 'Sign the request with the key of the account, of the order, or of an operator.',
      facts: { key, account: row.account },
    })
  }
  if (row.status !== 'open') return orderView(db, row)
  const view = await committer.commit(async (tx, emit) => {
    const [after] = await tx
      .update(orders)
      .set({ status: 'cancelled' })
      .where(eq(orders.digest, digest))
      .returning()
    const data = await orderView(tx, after!)
    emit({ type: 'order.cancelled', accounts: [row.account], order: digest, data })
    return data
  })
  book.remove(digest)
  return view
}

async function mayWithdraw(
  { client, contracts, clock }: Context,
  row: OrderRow,
  key: Address,
): Promise<boolean> {
  const order = row.kind === 'ask' ? (row.document as AskDocument).ask : (row.document as BidDocument).bid
  if (key === order.account || key === order.key) return true
  const [left, until] = await client.readContract({
    address: contracts.escrow,
    abi: escrowAbi,
    functionName: 'operatorOf',
    args: [order.account, key, order.token],
  })
  return left > 0n && BigInt(until) > clock.now()
}
