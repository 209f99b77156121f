import {
  address,
  askSubmissionSchema,
  bidSubmissionSchema,
  bookSchema,
  bytes32,
  orderViewSchema,
  quoteRequestSchema,
  quoteSchema,
  whyNotSchema,
} from '@millrace/sdk/api'
import { eq, inArray } from 'drizzle-orm'
import { keccak256 } from 'viem'
import { z } from 'zod'
import { quote } from '../../book/quote.ts'
import type { Context } from '../../context.ts'
import { notFound, RefusedError, UnavailableError } from '../../errors.ts'
import { type Accepted, acceptAsk, acceptBid } from '../../orders/accept.ts'
import { orderView } from '../../orders/view.ts'
import { withdrawOrder } from '../../orders/withdraw.ts'
import { orders } from '../../store/schema/index.ts'
import { type Route, route } from '../route.ts'
import { readSigned } from '../signedRequest.ts'

const byDigest = z.object({ digest: bytes32 })

export function orderRoutes(context: Context): Route[] {
  const answers = { 200: orderViewSchema, 201: orderViewSchema }
  const answer = ({ view, isNew }: Accepted) => ({ status: isNew ? 201 : 200, view })
  return [
    route({
      method: 'post',
      path: '/v1/asks',
      summary: "Puts a provider's signed offer into the book",
      body: askSubmissionSchema,
      answers,
      async handle({ body }, response) {
        assertReady(context)
        const { status, view } = answer(await acceptAsk(context, body))
        response.status(status).json(view)
      },
    }),
    route({
      method: 'post',
      path: '/v1/bids',
      summary: "Puts a tasker's signed request into the book, with the job that it carries",
      body: bidSubmissionSchema,
      answers,
      async handle({ body }, response) {
        assertReady(context)
        const { status, view } = answer(await acceptBid(context, body))
        response.status(status).json(view)
      },
    }),
    route({
      method: 'get',
      path: '/v1/orders/{digest}',
      summary: 'An order and what became of it',
      params: byDigest,
      answers: { 200: orderViewSchema },
      async handle({ params }, response) {
        response.json(await viewOf(context, params.digest))
      },
    }),
    route({
      method: 'get',
      path: '/v1/orders/{digest}/why',
      summary: 'Why an order is not matched, counted by reason',
      params: byDigest,
      answers: { 200: whyNotSchema },
      async handle({ params }, response) {
        const why = await context.matching.whyNot(params.digest)
        if (why) return void response.json(why)
        const { status } = await viewOf(context, params.digest)
        response.json({ candidates: 0, reasons: [{ reason: `order-${status}`, count: 1 }] })
      },
    }),
    route({
      method: 'delete',
      path: '/v1/orders/{digest}',
      summary: 'Takes an order out of this book. Cancelling its nonce on chain is for good',
      params: byDigest,
      answers: { 200: orderViewSchema },
      signed: true,
      async handle({ params, raw }, response) {
        const signed = readSigned(context, raw)
        await signed.confirm(keccak256('0x'))
        response.json(await withdrawOrder(context, params.digest, signed.key))
      },
    }),
    route({
      method: 'get',
      path: '/v1/book',
      summary: 'Open orders: asks from the cheapest, bids from the dearest, equals by age',
      query: z.object({ token: address }),
      answers: { 200: bookSchema },
      async handle({ query }, response) {
        response.json(await bookOf(context, query.token))
      },
    }),
    route({
      method: 'post',
      path: '/v1/quotes',
      summary: 'What one would be offered now. Reserves nothing',
      body: quoteRequestSchema,
      answers: { 200: quoteSchema },
      async handle({ body }, response) {
        const { book, config, matching } = context
        const asks = book.asks()
        const found = quote(body, asks, config.schemes, config.takerFee, await matching.situation(asks))
        if ('quote' in found) return void response.json(z.encode(quoteSchema, found.quote))
        throw new RefusedError(409, 'no-offer', 'No offer in the book fits.', {
          remedy: 'Change what the reasons name, or wait for other offers.',
          retryable: true,
          facts: { ...found.whyNot },
        })
      },
    }),
  ]
}

/** New orders need the chain, to be checked, and Redis, to be matched. */
function assertReady({ queues, head }: Context): void {
  queues.assertUp()
  if (head.isDown) throw new UnavailableError('chain')
}

async function viewOf({ db }: Context, digest: string) {
  const [row] = await db.select().from(orders).where(eq(orders.digest, digest))
  if (!row) throw notFound('order', digest)
  return orderView(db, row)
}

async function bookOf({ book, clock, db }: Context, token: string) {
  const asks = book
    .asks()
    .filter(({ ask }) => ask.token === token)
    .sort((a, b) => Number(a.ask.price - b.ask.price) || a.seq - b.seq)
  const bids = book
    .bids(clock.now())
    .filter(({ bid }) => bid.token === token)
    .sort((a, b) => Number(b.bid.maxPrice - a.bid.maxPrice) || a.seq - b.seq)
  const digests = [...asks, ...bids].map(({ digest }) => digest)
  if (digests.length === 0) return { asks: [], bids: [] }
  const rows = await db.select().from(orders).where(inArray(orders.digest, digests))
  const byDigest = new Map(rows.map((row) => [row.digest, row]))
  const views = (entries: readonly { digest: string }[]) =>
    Promise.all(entries.flatMap(({ digest }) => byDigest.get(digest) ?? []).map((row) => orderView(db, row)))
  return { asks: await views(asks), bids: await views(bids) }
}
