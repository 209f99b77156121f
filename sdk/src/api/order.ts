import * as z from 'zod'
import { askSchema, bidSchema, jobSchema, schemeSchema } from './document.ts'
import { address, bytes32, fuel, signature } from './scalar.ts'

/** `POST /v1/asks` */
export const askSubmissionSchema = z
  .object({ ask: askSchema, signature, schemes: z.array(schemeSchema).min(1).max(64) })
  .meta({ id: 'AskSubmission' })

/** `POST /v1/bids`. A bid that carries a job comes with it. */
export const bidSubmissionSchema = z
  .object({ bid: bidSchema, signature, scheme: schemeSchema, job: jobSchema.optional() })
  .meta({ id: 'BidSubmission' })

export type AskSubmission = z.output<typeof askSubmissionSchema>
export type BidSubmission = z.output<typeof bidSubmissionSchema>

/**
 * open: in the book · matched: leased in part, the rest in the book · filled: nothing is left · expired,
 * cancelled: out of the book.
 */
export const orderStatusSchema = z.enum(['open', 'matched', 'filled', 'expired', 'cancelled'])
export type OrderStatus = z.output<typeof orderStatusSchema>

const common = {
  digest: bytes32,
  signature,
  status: orderStatusSchema,
  /** Fuel that is not leased yet. */
  remaining: fuel,
  leases: z.array(bytes32),
  /** Ticket hashes. */
  jobs: z.array(bytes32),
}

/** `GET /v1/orders/:digest`. Whole with its signature: anyone may submit a match, with or without the matcher. */
export const orderViewSchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('ask'), order: askSchema, schemes: z.array(schemeSchema), ...common }),
    z.object({
      kind: z.literal('bid'),
      order: bidSchema,
      scheme: schemeSchema,
      job: jobSchema.optional(),
      ...common,
    }),
  ])
  .meta({ id: 'OrderView' })

export type OrderView = z.output<typeof orderViewSchema>
export type AskView = Extract<OrderView, { kind: 'ask' }>
export type BidView = Extract<OrderView, { kind: 'bid' }>

/** `GET /v1/book?token=`: asks from the cheapest, bids from the dearest, equals by age. */
export const bookSchema = z
  .object({ asks: z.array(orderViewSchema), bids: z.array(orderViewSchema) })
  .meta({ id: 'Book' })

export type Book = z.output<typeof bookSchema>

/** Why orders on the other side do not fit, counted. */
export const whyNotSchema = z
  .object({
    /** Orders on the other side that were looked at. */
    candidates: z.int().min(0),
    reasons: z.array(
      z.object({
        /** Stable code: `price`, `memory`, `window`… */
        reason: z.string(),
        count: z.int().min(1),
        /** One of them: whose order it is, what it has, and what the bid wants, in `unit`. */
        example: z
          .object({
            account: address,
            has: z.string(),
            wants: z.string(),
            /** `amount` and `rate` (an amount per gigafuel) are base units of `token`; a `moment` is in Unix seconds. */
            unit: z.enum(['amount', 'rate', 'fuel', 'pages', 'seconds', 'moment', 'name']),
          })
          .optional(),
      }),
    ),
    /** The bid's. */
    token: address.optional(),
  })
  .meta({ id: 'WhyNot' })

export type WhyNot = z.output<typeof whyNotSchema>
