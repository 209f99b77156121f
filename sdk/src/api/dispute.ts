import * as z from 'zod'
import { jobSchema, resultSchema, schemeSchema, ticketSchema } from './document.ts'
import { address, amount, bytes32, fuel, seconds, signature, uint } from './scalar.ts'

export const disputeStateSchema = z.enum(['open', 'guilty', 'clean', 'timed-out', 'moot'])
export type DisputeState = z.output<typeof disputeStateSchema>

const side = z.enum(['provider', 'challenger'])

/** A game of the proof scheme, as the chain's events tell it; `GameView` of the SDK, in JSON. */
export const disputeGameSchema = z
  .object({
    /** Of receiver and case. */
    id: bytes32,
    caseId: bytes32,
    receiver: address,
    challenger: address,
    provider: address,
    /** May move for the provider. */
    providerKey: address,
    contested: z.object({
      programRoot: bytes32,
      input: bytes32,
      fuel,
      outputMax: z.int().min(0),
      status: z.int().min(0).max(255),
      fuelUsed: fuel,
      output: bytes32,
    }),
    /** Unix seconds: from then on no verdict counts. */
    ruleBy: seconds,
    /** What is to be done next. */
    state: z.enum(['defend', 'split', 'prove', 'ended']),
    /** Who has to do it. */
    turn: side,
    /** Unix seconds: by when. */
    deadline: seconds,
    /** Seconds left when the turn began. */
    providerClock: seconds,
    challengerClock: seconds,
    /** Seconds that a move adds. */
    extension: seconds,
    /** Unix seconds: when the turn began. */
    movedAt: seconds,
    /** Number of the step with which the newest split begins. */
    firstStep: uint(72),
    /** Each section of it is 32^level steps. */
    level: z.int().min(0).max(14),
    /** State before its first section. */
    start: bytes32.optional(),
    /** States after each. */
    ends: z.array(bytes32).length(32).optional(),
    moves: z.array(
      z.object({
        by: side,
        kind: z.enum(['defend', 'split', 'prove', 'timeout']),
        tx: bytes32,
        block: uint(64),
        level: z.int().min(0).max(14),
      }),
    ),
    loser: side.optional(),
    /** Whether a proof ended it; else the loser's clock did. */
    proven: z.boolean().optional(),
  })
  .meta({ id: 'DisputeGame' })

export type DisputeGame = z.output<typeof disputeGameSchema>

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
    /** Where the lease's scheme is the proof scheme. */
    game: disputeGameSchema.optional(),
  })
  .meta({ id: 'DisputeView' })

export type DisputeView = z.output<typeof disputeViewSchema>

/** `GET /v1/disputes` */
export const disputesPageSchema = z
  .object({ disputes: z.array(disputeViewSchema) })
  .meta({ id: 'DisputesPage' })
export type DisputesPage = z.output<typeof disputesPageSchema>
