/** Reading orders, and taking them back. */
import type { Address, Hex } from 'viem'
import {
  type Book,
  bookSchema,
  type OrderView,
  orderViewSchema,
  type WhyNot,
  whyNotSchema,
} from '../api/order.ts'
import type { MillraceClient } from '../client/client.ts'
import { requestJson } from '../http/request.ts'
import { signedHeaders } from '../http/signRequest.ts'

interface OfOrder {
  /** The order's digest. */
  digest: Hex
  signal?: AbortSignal
}

export function getOrder(client: MillraceClient, { digest, signal }: OfOrder): Promise<OrderView> {
  return requestJson(client, `/v1/orders/${digest}`, orderViewSchema, { signal })
}

/** Why an order is not matched: reasons, counted over the orders on the other side. */
export function whyNot(client: MillraceClient, { digest, signal }: OfOrder): Promise<WhyNot> {
  return requestJson(client, `/v1/orders/${digest}/why`, whyNotSchema, { signal })
}

export function getBook(
  client: MillraceClient,
  { token, signal }: { token: Address; signal?: AbortSignal },
): Promise<Book> {
  return requestJson(client, `/v1/book?token=${token}`, bookSchema, { signal })
}

/**
 * Takes an order out of this matcher's book. Whoever has seen it can still have it matched: `cancelOrderOnChain`
 * and `cancelBelow` are for good.
 */
export function cancelOrder(client: MillraceClient, { digest, signal }: OfOrder): Promise<OrderView> {
  const path = `/v1/orders/${digest}`
  const headers = () => signedHeaders(client, 'DELETE', path)
  return requestJson(client, path, orderViewSchema, { method: 'DELETE', headers, signal })
}
