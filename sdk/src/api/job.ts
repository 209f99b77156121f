import * as z from 'zod'
import { resultSchema, ticketSchema } from './document.ts'
import { closeOfferSchema } from './lease.ts'
import { address, base64, bytes32, milliseconds, seconds, signature, uint } from './scalar.ts'

/**
 * queued: known to the matcher · dispatched: its provider was told · accepted, declined, result: the provider's
 * word · paid: settled on chain · disputed, slashed: challenged, and lost by the provider · expired: the time
 * ran out without a result.
 */
export const jobStateSchema = z.enum([
  'queued',
  'dispatched',
  'accepted',
  'declined',
  'result',
  'paid',
  'disputed',
  'slashed',
  'expired',
])
export type JobState = z.output<typeof jobStateSchema>

/** A step of a job's way, as it happened. */
export const jobStepSchema = z.object({
  at: milliseconds,
  state: jobStateSchema,
  tx: bytes32.optional(),
  gas: uint(64).optional(),
  note: z.string().optional(),
})

/**
 * Why a program trapped, in the words of the provider's engine. Engines word it differently, so nobody signs it and
 * nothing hangs on it.
 */
const trap = z
  .string()
  .max(200)
  .regex(/^[\x20-\x7e]*$/, 'printable ASCII')

/** `GET /v1/jobs/:id`, and the `data` of every `job.*` event. */
export const jobViewSchema = z
  .object({
    /** The ticket's hash. */
    id: bytes32,
    ticket: ticketSchema,
    /** Absent in a job lease, whose only ticket needs none. */
    ticketSignature: signature.optional(),
    lease: bytes32,
    /** Digest of the bid that it came with. */
    order: bytes32.optional(),
    provider: address,
    tasker: address,
    state: jobStateSchema,
    /** Code of why it was declined, expired or slashed. */
    reason: z.string().optional(),
    /** Input bytes, where they came inline with the ticket. */
    input: base64.optional(),
    acceptance: z.object({ signature }).optional(),
    result: z
      .object({
        result: resultSchema,
        signature,
        /** Output bytes, up to the market's `inlineBytes`; a larger output is a blob. */
        output: base64.optional(),
        trap: trap.optional(),
      })
      .optional(),
    /** The store's signature on Delivered. */
    receipt: signature.optional(),
    close: closeOfferSchema.optional(),
    timeline: z.array(jobStepSchema),
  })
  .meta({ id: 'JobView' })

export type JobView = z.output<typeof jobViewSchema>
export type JobStep = z.output<typeof jobStepSchema>

/** `GET /v1/jobs` */
export const jobsPageSchema = z
  .object({ jobs: z.array(jobViewSchema), cursor: z.string().optional() })
  .meta({ id: 'JobsPage' })

export type JobsPage = z.output<typeof jobsPageSchema>

/** `GET /v1/jobs/:id/logs`: what the parts wrote about one job, oldest first. */
export const jobLogsSchema = z
  .object({ lines: z.array(z.object({ at: milliseconds, from: z.string(), text: z.string() })) })
  .meta({ id: 'JobLogs' })

export type JobLogs = z.output<typeof jobLogsSchema>

/** `POST /v1/leases/:id/tickets` */
export const ticketSubmissionSchema = z
  .object({ ticket: ticketSchema, signature, input: base64.optional() })
  .meta({ id: 'TicketSubmission' })

/** `POST /v1/jobs/:id/acceptance` */
export const acceptanceSubmissionSchema = z.object({ signature }).meta({ id: 'AcceptanceSubmission' })

/** `POST /v1/jobs/:id/decline` */
export const declineSubmissionSchema = z
  .object({ reason: z.string().max(64), detail: z.string().max(2_000) })
  .meta({ id: 'DeclineSubmission' })

/** `POST /v1/jobs/:id/result` */
export const resultSubmissionSchema = z
  .object({
    result: resultSchema,
    signature,
    output: base64.optional(),
    close: z.object({ owed: uint(96), until: seconds, signature }).optional(),
    trap: trap.optional(),
  })
  .meta({ id: 'ResultSubmission' })

export type TicketSubmission = z.output<typeof ticketSubmissionSchema>
export type AcceptanceSubmission = z.output<typeof acceptanceSubmissionSchema>
export type DeclineSubmission = z.output<typeof declineSubmissionSchema>
export type ResultSubmission = z.output<typeof resultSubmissionSchema>
