import {
  acceptanceSubmissionSchema,
  address,
  bytes32,
  declineSubmissionSchema,
  jobLogsSchema,
  jobStateSchema,
  jobsPageSchema,
  jobViewSchema,
  resultSubmissionSchema,
} from '@millrace/sdk/api'
import { keccak256 } from 'viem'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { notFound } from '../../errors.ts'
import { acceptJob } from '../../jobs/acceptJob.ts'
import { declineJob } from '../../jobs/declineJob.ts'
import { listJobs } from '../../jobs/listJobs.ts'
import { submitResult } from '../../jobs/submitResult.ts'
import { findJob, wholeJobView } from '../../jobs/view.ts'
import { rawBody } from '../body.ts'
import { type Route, route } from '../route.ts'
import { readSigned } from '../signedRequest.ts'

const byId = z.object({ id: bytes32 })

export function jobRoutes(context: Context): Route[] {
  return [
    route({
      method: 'get',
      path: '/v1/jobs',
      summary: 'Jobs of an account, newest first; a cursor asks for the next page',
      query: z.object({
        account: address.optional(),
        state: jobStateSchema.optional(),
        limit: z.coerce.number().int().min(1).max(100).default(50),
        cursor: z
          .string()
          .regex(/^\d{1,15}$/)
          .optional(),
      }),
      answers: { 200: jobsPageSchema },
      async handle({ query }, response) {
        response.json(await listJobs(context, query))
      },
    }),
    route({
      method: 'get',
      path: '/v1/jobs/{id}',
      summary: 'A job, with its result and a small output',
      params: byId,
      answers: { 200: jobViewSchema },
      async handle({ params }, response) {
        response.json(await viewOf(context, params.id))
      },
    }),
    route({
      method: 'get',
      path: '/v1/jobs/{id}/logs',
      summary: 'What the parts said about a job, oldest first',
      params: byId,
      answers: { 200: jobLogsSchema },
      async handle({ params }, response) {
        const { timeline } = await viewOf(context, params.id)
        const lines = timeline.map(({ at, state, tx, note }) => ({
          at,
          from: tx ? 'chain' : 'matcher',
          text: [state, note, tx].filter(Boolean).join(' '),
        }))
        response.json({ lines })
      },
    }),
    route({
      method: 'post',
      path: '/v1/jobs/{id}/acceptance',
      summary: "The provider's signed word that it will run the job",
      params: byId,
      body: acceptanceSubmissionSchema,
      answers: { 200: jobViewSchema },
      async handle({ params, body }, response) {
        response.json(await acceptJob(context, params.id, body.signature))
      },
    }),
    route({
      method: 'post',
      path: '/v1/jobs/{id}/decline',
      summary: 'The provider will not run the job, and says why',
      params: byId,
      body: declineSubmissionSchema,
      answers: { 200: jobViewSchema },
      signed: true,
      async handle({ params, body, raw }, response) {
        const signed = readSigned(context, raw)
        await signed.confirm(keccak256(rawBody(raw)))
        response.json(await declineJob(context, params.id, signed.key, body))
      },
    }),
    route({
      method: 'post',
      path: '/v1/jobs/{id}/result',
      summary: "The provider's signed result, with a small output inline",
      params: byId,
      body: resultSubmissionSchema,
      answers: { 200: jobViewSchema },
      async handle({ params, body }, response) {
        response.json(await submitResult(context, params.id, body))
      },
    }),
  ]
}

async function viewOf(context: Context, id: string) {
  const found = await findJob(context.db, id)
  if (!found) throw notFound('job', id)
  return wholeJobView(context, found.job, found.lease)
}
