/** Jobs as the matcher sees them, and what both sides hand in for them. */
import type { Address, Hex } from 'viem'
import * as z from 'zod'
import {
  acceptanceSubmissionSchema,
  declineSubmissionSchema,
  type JobLogs,
  type JobState,
  type JobsPage,
  type JobView,
  jobLogsSchema,
  jobsPageSchema,
  jobViewSchema,
  resultSubmissionSchema,
  ticketSubmissionSchema,
} from '../api/job.ts'
import { getDomain } from '../client/chain.ts'
import { keyOf, type MillraceClient } from '../client/client.ts'
import { signAcceptance } from '../documents/acceptance.ts'
import { signClose } from '../documents/close.ts'
import { type Result, signResult } from '../documents/result.ts'
import { signTicket, type Ticket } from '../documents/ticket.ts'
import { post, requestJson } from '../http/request.ts'
import { signedHeaders } from '../http/signRequest.ts'

interface OfJob {
  /** The ticket's hash. */
  job: Hex
  signal?: AbortSignal
}

export function getJob(client: MillraceClient, { job, signal }: OfJob): Promise<JobView> {
  return requestJson(client, `/v1/jobs/${job}`, jobViewSchema, { signal })
}

export interface ListJobsParameters {
  account?: Address
  state?: JobState
  limit?: number
  cursor?: string
  signal?: AbortSignal
}

/** Newest first; `cursor` of one page asks for the next. */
export function listJobs(client: MillraceClient, parameters: ListJobsParameters = {}): Promise<JobsPage> {
  const { signal, ...wanted } = parameters
  const given = Object.entries(wanted).filter(([, value]) => value !== undefined)
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
  return requestJson(client, `/v1/jobs?${query}`, jobsPageSchema, { signal })
}

export function getJobLogs(client: MillraceClient, { job, signal }: OfJob): Promise<JobLogs> {
  return requestJson(client, `/v1/jobs/${job}/logs`, jobLogsSchema, { signal })
}

/** Signs a ticket, by the tasker, and hands it in. An input up to the market's `inlineBytes` goes along. */
export async function submitTicket(
  client: MillraceClient,
  { ticket, input, signal }: { ticket: Ticket; input?: Uint8Array; signal?: AbortSignal },
): Promise<JobView> {
  const signature = await signTicket(keyOf(client, 'submitTicket'), await getDomain(client), ticket)
  const body = JSON.stringify(z.encode(ticketSubmissionSchema, { ticket, signature, input: input as never }))
  return post(client, `/v1/leases/${ticket.lease}/tickets`, body, jobViewSchema, signal)
}

/** Signs that a job is accepted, by the provider: program and input are there and have the right roots. */
export async function submitAcceptance(client: MillraceClient, { job, signal }: OfJob): Promise<JobView> {
  const signature = await signAcceptance(keyOf(client, 'submitAcceptance'), await getDomain(client), {
    ticket: job,
  })
  const body = JSON.stringify(z.encode(acceptanceSubmissionSchema, { signature }))
  return post(client, `/v1/jobs/${job}/acceptance`, body, jobViewSchema, signal)
}

/** Declines a job, by the provider, with a code and words for the tasker. */
export function declineJob(
  client: MillraceClient,
  { job, reason, detail, signal }: OfJob & { reason: string; detail: string },
): Promise<JobView> {
  const path = `/v1/jobs/${job}/decline`
  const body = JSON.stringify(z.encode(declineSubmissionSchema, { reason, detail }))
  const headers = async () => ({
    'content-type': 'application/json',
    ...(await signedHeaders(client, 'POST', path, new TextEncoder().encode(body))),
  })
  return requestJson(client, path, jobViewSchema, { method: 'POST', body, headers, signal })
}

export interface SubmitResultParameters {
  result: Result
  /** The lease, its total so far and how long the offer to close at that stands: for a job lease. */
  close?: { lease: Hex; owed: bigint; until: bigint }
  /** Output bytes, up to the market's `inlineBytes`; put a larger one as a blob first. */
  output?: Uint8Array
  /** Why the program trapped: at most 200 characters of printable ASCII. It is not signed. */
  trap?: string
  signal?: AbortSignal
}

/** Signs a result, by the provider, and hands it in. */
export async function submitResult(
  client: MillraceClient,
  { result, close, output, trap, signal }: SubmitResultParameters,
): Promise<JobView> {
  const key = keyOf(client, 'submitResult')
  const domain = await getDomain(client)
  const [signature, closeSignature] = await Promise.all([
    signResult(key, domain, result),
    close && signClose(key, domain, close),
  ])
  const proposal = close && { owed: close.owed, until: close.until, signature: closeSignature! }
  const submission = { result, signature, output: output as never, close: proposal, trap }
  const body = JSON.stringify(z.encode(resultSubmissionSchema, submission))
  return post(client, `/v1/jobs/${result.ticket}/result`, body, jobViewSchema, signal)
}
