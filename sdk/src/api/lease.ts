import * as z from 'zod'
import { schemeSchema, termsSchema } from './document.ts'
import { amount, bytes32, milliseconds, seconds, signature, uint } from './scalar.ts'

/** The states of the lease book; `final`, `closed` and `slashed` are ends. */
export const leaseStateSchema = z.enum([
  'open',
  'stopped',
  'claimed',
  'declined',
  'unclaimed',
  'slashed',
  'closed',
  'final',
])
export type LeaseState = z.output<typeof leaseStateSchema>

/** A transaction that moved something on. */
export const txSchema = z.object({
  /** The chain's event, in the words of `event.ts`. */
  type: z.string(),
  tx: bytes32,
  block: uint(64),
  at: milliseconds,
  gas: uint(64).optional(),
})

/** What one side or both have signed to end a lease. Of a job's and of a lease's view. */
export const closeOfferSchema = z.object({
  owed: uint(96),
  until: seconds,
  providerSignature: signature.optional(),
  taskerSignature: signature.optional(),
})

export type CloseOffer = z.output<typeof closeOfferSchema>

/** `GET /v1/leases/:id` */
export const leaseViewSchema = z
  .object({
    id: bytes32,
    terms: termsSchema,
    scheme: schemeSchema,
    state: leaseStateSchema,
    /** Paid to the provider so far, fees apart. */
    paid: amount,
    /** Sum of the claim, where there is one. */
    claimed: amount,
    /** Unix seconds: when it was claimed or declined; 0 before. */
    closedAt: seconds,
    /** Unix seconds. */
    deadlines: z.object({
      end: seconds,
      claimBy: seconds,
      /** From then on nothing can be challenged. */
      over: seconds,
      /** From then on anyone can have ended it, whatever the parties do. */
      final: seconds,
    }),
    /** The highest voucher that the matcher was shown. */
    voucher: z.object({ owed: uint(96), signature }).optional(),
    /** The last offer to close: whoever has not signed may sign the same. */
    close: closeOfferSchema.optional(),
    txs: z.array(txSchema),
  })
  .meta({ id: 'LeaseView' })

export type LeaseView = z.output<typeof leaseViewSchema>

/** `POST /v1/leases/:id/voucher` */
export const voucherSubmissionSchema = z
  .object({ owed: uint(96), signature })
  .meta({ id: 'VoucherSubmission' })

/** `POST /v1/leases/:id/close`. With both there, the matcher settles on chain. */
export const closeSubmissionSchema = z
  .object({ owed: uint(96), until: seconds, signature, by: z.enum(['tasker', 'provider']) })
  .meta({ id: 'CloseSubmission' })

export type VoucherSubmission = z.output<typeof voucherSubmissionSchema>
export type CloseSubmission = z.output<typeof closeSubmissionSchema>

/** `GET /v1/leases`, newest first. */
export const leasesPageSchema = z.object({ leases: z.array(leaseViewSchema) }).meta({ id: 'LeasesPage' })
export type LeasesPage = z.output<typeof leasesPageSchema>
