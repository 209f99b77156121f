/** Takes a bid back: out of the matcher's book, which is free, and in the contracts, which binds everybody. */
import {
  cancelOrder,
  cancelOrderOnChain,
  digestAsk,
  digestBid,
  getDomain,
  getOrder,
  type MillraceClient,
  type OrderView,
} from '@millrace/sdk'
import type { OrderStatus } from '@millrace/sdk/api'
import type { Address, Hex } from 'viem'
import { openClient } from '../config/openClient.ts'
import { CliError } from '../failures/CliError.ts'
import { groupThousands } from '../format/groupThousands.ts'
import { parseId } from '../parse/parseId.ts'
import type { Answer, GlobalOptions, Session } from '../terminal/Session.ts'

const BOOK: Readonly<Record<OrderStatus, string>> = {
  open: 'The order is still in the book.',
  matched: 'Too late: the order is matched, and its job will run.',
  filled: 'Too late: the order is filled. A job that runs cannot be stopped.',
  cancelled: "The order is cancelled: it is out of this matcher's book, and nothing is locked for it.",
  expired: 'The order had expired before; nothing is locked for it.',
}

/** What the book's word is worth to somebody who stops reading here. */
const BOOK_ALONE = (order: Hex): string =>
  'Whoever has seen it can still have it matched until it expires. ' +
  `\`millrace job cancel ${order} --on-chain\` rules that out, for the gas of a transaction.`

/** `millrace job cancel` */
export async function cancel(
  session: Session,
  options: GlobalOptions & { onChain?: boolean },
  id = '',
): Promise<Answer> {
  const digest = parseId(id, 'order')
  const { client, account } = await openClient(session, options, 'tasker')
  if (options.onChain) return cancelForGood(client, account.address, digest)
  const { status } = await cancelOrder(client, { digest })
  const lines = [BOOK[status], ...(status === 'cancelled' ? [BOOK_ALONE(digest)] : [])]
  return { json: { ok: true, order: digest, status }, lines }
}

/** The chain first: whatever the book does then, nothing more of the order can open. */
async function cancelForGood(client: MillraceClient, account: Address, digest: Hex): Promise<Answer> {
  const view = await getOrder(client, { digest })
  await checkOrder(client, view, digest, account)
  const sent = await cancelOrderOnChain(client, { order: view.order })
  const gas = sent.reduce((sum, { receipt }) => sum + receipt.gasUsed, 0n)
  const txs = sent.map(({ hash }) => hash)
  // The matcher reads the chain by itself: that it does not answer now takes nothing away.
  const after = await cancelOrder(client, { digest }).catch(() => undefined)
  const { leases } = after ?? view
  const began = leases.length > 0
  return {
    json: { ok: true, order: digest, status: after?.status, onChain: true, leases, txs, gas },
    lines: [
      'Cancelled on chain, for good: nobody can open this order any more, whoever holds it.',
      ...(began ? ['What was opened before goes on: a job that runs cannot be stopped.'] : []),
      `Gas ${groupThousands(gas.toString())}; ${txs.map((tx) => `transaction ${tx}`).join(', ')}`,
    ],
  }
}

/** The matcher showed the order; its nonces are burned only if it is the one that was meant, and the caller's own. */
async function checkOrder(
  client: MillraceClient,
  view: OrderView,
  digest: Hex,
  account: Address,
): Promise<void> {
  const domain = await getDomain(client)
  const actual = view.kind === 'ask' ? digestAsk(domain, view.order) : digestBid(domain, view.order)
  if (actual !== digest) {
    throw new CliError('bad-response', `The matcher showed order ${actual} instead of ${digest}.`, {
      remedy: 'Ask another matcher: this one is wrong about your order. Nothing was sent.',
      facts: { wanted: digest, actual },
    })
  }
  if (view.order.account.toLowerCase() === account.toLowerCase()) return
  throw new CliError('not-the-owner', `The order is of ${view.order.account}, and this key is ${account}.`, {
    remedy: 'Name the key of its account with --keystore: contracts take a cancellation from nobody else.',
    facts: { order: digest, owner: view.order.account, account },
  })
}
