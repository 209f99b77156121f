import * as z from 'zod'
import { type Quote, type QuoteRequest, quoteRequestSchema, quoteSchema } from '../api/quote.ts'
import type { MillraceClient } from '../client/client.ts'
import { post } from '../http/request.ts'

type Defaulted = 'jobs' | 'memoryPages' | 'carriesJob'

export type GetQuoteParameters = Omit<QuoteRequest, Defaulted> &
  Partial<QuoteRequest> & { signal?: AbortSignal }

/**
 * The best offer that fits, and the most that it can cost. Nothing is reserved by it. Where none fits, it throws
 * `ProblemError` with code `no-offer` and the counted reasons in its facts.
 */
export function getQuote(client: MillraceClient, { signal, ...wanted }: GetQuoteParameters): Promise<Quote> {
  const request = { jobs: 1, memoryPages: 0, carriesJob: true, ...wanted }
  const body = JSON.stringify(z.encode(quoteRequestSchema, request))
  return post(client, '/v1/quotes', body, quoteSchema, signal)
}
