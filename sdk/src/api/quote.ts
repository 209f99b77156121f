import * as z from 'zod'
import { askSchema, schemeSchema } from './document.ts'
import { address, amount, bytes32, fuel, seconds, smallUint, uint } from './scalar.ts'

/** `POST /v1/quotes`: what one would ask for. Nothing is reserved by it. */
export const quoteRequestSchema = z
  .object({
    token: address,
    /** Fuel of all jobs together, flat fuel apart. */
    fuel,
    /** How many jobs the lease is for. */
    jobs: z
      .int()
      .min(1)
      .max(2 ** 20)
      .default(1),
    /** Largest single job; without it, `fuel`. */
    maxFuel: fuel.optional(),
    memoryPages: smallUint(32).default(0),
    /** Scheme leaf; without it, any that the ask accepts. */
    scheme: bytes32.optional(),
    provider: address.optional(),
    /** Least collateral per gigafuel. */
    collateral: uint(96).optional(),
    window: seconds,
    disputeLimit: seconds,
    grace: seconds.optional(),
    /** Unix seconds. */
    end: seconds,
    /** Whether a bid with its job inside will follow, or one for a lease of tickets. */
    carriesJob: z.boolean().default(true),
  })
  .meta({ id: 'QuoteRequest' })

/** The best ask that fits, and the most that it can cost. */
export const quoteSchema = z
  .object({
    /** Digest of the ask. */
    ask: bytes32,
    order: askSchema,
    provider: address,
    /** The one that a bid would name: the asked for, or the first of the market's that the ask accepts. */
    scheme: schemeSchema,
    price: uint(96),
    jobFuel: fuel,
    /** Worst case, all in: what a bid at this price locks. */
    most: amount,
    parts: z.object({
      compute: amount,
      flat: amount,
      matcherFee: amount,
      retainer: amount,
      claimFee: amount,
    }),
    /** What the provider puts up for it. */
    collateral: amount,
    /** What a dispute would go by, of the largest job. */
    dispute: z.object({
      /** Seconds that it may take, as asked for. */
      limit: seconds,
      /** Where the scheme is the proof scheme: each side's clock in seconds, and the least that limit and window may be. */
      proof: z
        .object({
          providerClock: seconds,
          challengerClock: seconds,
          leastLimit: seconds,
          leastWindow: seconds,
        })
        .optional(),
      /** The most that a wrong result can earn its provider. */
      gain: amount,
      /** The share of results that must be checked for it to earn nothing on average, at this collateral. */
      checkingRate: z.number().min(0).max(1),
    }),
    /** Unix seconds. */
    validUntil: seconds,
  })
  .meta({ id: 'Quote' })

export type QuoteRequest = z.output<typeof quoteRequestSchema>
export type Quote = z.output<typeof quoteSchema>
