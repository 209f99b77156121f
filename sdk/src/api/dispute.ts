import * as z from 'zod'
import { jobSchema, resultSchema, schemeSchema, ticketSchema } from './document.ts'
import { address, amount, bytes32, seconds, signature } from './scalar.ts'

export const disputeStateSchema = z.enum(['open', 'guilty', 'clean', 'timed-out', 'moot'])
export type DisputeState = z.output<typeof disputeStateSchema>

/** `GET /v1/disputes/:caseId` */
export const disputeViewSchema = z
  .object({
    id: bytes32,
    lease: bytes32,
    /** The ticket's index in its lease. */
    index: z.int().min(0),
    job: jobSchema,
    /** The result that is contested. */
    result: resultSchema,
    scheme: schemeSchema,
    challenger: address,
    provider: address,
    bond: amount,
    openedAt: seconds,
    /** Unix seconds: from then on no verdict counts. */
    ruleBy: seconds,
    state: disputeStateSchema,
    evidence: z
      .object({
        ticket: ticketSchema,
        result: resultSchema,
        /** The ticket's is absent in a job lease. */
        signatures: z.object({ ticket: signature.optional(), result: signature }),
      })
      .optional(),
    verdict: z.object({ guilty: z.boolean(), tx: bytes32 }).optional(),
  })
  .meta({ id: 'DisputeView' })

export type DisputeView = z.output<typeof disputeViewSchema>

/** `GET /v1/disputes` */
export const disputesPageSchema = z
  .object({ disputes: z.array(disputeViewSchema) })
  .meta({ id: 'DisputesPage' })
export type DisputesPage = z.output<typeof disputesPageSchema>
