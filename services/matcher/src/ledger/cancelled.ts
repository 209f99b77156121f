import { and, eq, inArray } from 'drizzle-orm'
import type { ChainLog } from '../chain/contracts.ts'
import type { AskDocument, BidDocument, OrderRow } from '../orders/document.ts'
import { orderView } from '../orders/view.ts'
import type { EventDraft } from '../store/committer.ts'
import type { Tx } from '../store/database.ts'
import { orders } from '../store/schema/index.ts'

/** Takes orders out of the book whose nonces their account cancelled on chain. Returns their digests. */
export async function cancelOrders(
  tx: Tx,
  emit: (event: EventDraft) => void,
  log: ChainLog,
): Promise<string[]> {
  const account = log.args.account as string
  const open = await tx
    .select()
    .from(orders)
    .where(and(eq(orders.account, account), eq(orders.status, 'open')))
  const gone = open.filter((row) => isCancelled(row, log)).map(({ digest }) => digest)
  if (gone.length === 0) return []
  const rows = await tx
    .update(orders)
    .set({ status: 'cancelled' })
    .where(inArray(orders.digest, gone))
    .returning()
  for (const row of rows) {
    const data = await orderView(tx, row)
    emit({ type: 'order.cancelled', accounts: [account], order: row.digest, tx: log.tx, data })
  }
  return gone
}

/** Whether no nonce of the order is left: a bid with a job burns one for each attempt. */
function isCancelled(row: OrderRow, { name, args }: ChainLog): boolean {
  const nonce = nextNonceOf(row)
  if (name === 'NoncesCancelledBelow') return nonce < BigInt(args.nonce as string)
  const inWord = nonce >> 8n === BigInt(args.word as string)
  return inWord && (BigInt(args.mask as string) & (1n << (nonce & 255n))) !== 0n
}

function nextNonceOf(row: OrderRow): bigint {
  if (row.kind === 'ask') return BigInt((row.document as AskDocument).ask.nonce)
  const { bid, job } = row.document as BidDocument
  return BigInt(bid.nonce) + (job ? row.filled : 0n)
}
