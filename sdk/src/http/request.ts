/** One HTTP request to the matcher: retried where that is safe, its errors typed, its answer checked. */
import type * as z from 'zod'
import { problemSchema } from '../api/problem.ts'
import type { MillraceClient } from '../client/client.ts'
import { backoff, delay } from '../client/delay.ts'
import { MillraceError } from '../errors/error.ts'
import { BadResponseError, NetworkError, ProblemError } from '../errors/http.ts'

export interface RequestOptions {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  body?: string | Uint8Array
  /** Made anew for each try: a signed request is good once. */
  headers?: () => Promise<Record<string, string>> | Record<string, string>
  signal?: AbortSignal
  /** How often it is sent at most; 1 where an answer late is as bad as none. */
  tries?: number
}

/** Everything that the API takes is idempotent, so that a lost answer is asked for again. */
const MOST_TRIES = 4
const BACKOFF = { first: 100, most: 2_000 }

/** Sends a request. Throws `ProblemError`, `NetworkError` or the signal's reason. */
export async function request(
  client: MillraceClient,
  path: string,
  options: RequestOptions = {},
): Promise<Response> {
  const { tries = MOST_TRIES } = options
  for (let attempt = 0; ; attempt++) {
    try {
      return await requestOnce(client, path, options)
    } catch (error) {
      const retry = error instanceof MillraceError && error.retryable && isPassing(error)
      if (!retry || attempt + 1 >= tries) throw error
      await delay(backoff(attempt, BACKOFF, client.random), options.signal)
    }
  }
}

/** The JSON answer to a request, checked and decoded. */
export async function requestJson<S extends z.ZodType>(
  client: MillraceClient,
  path: string,
  schema: S,
  options: RequestOptions = {},
): Promise<z.output<S>> {
  const response = await request(client, path, options)
  const json = await readBody(response, () => response.json(), options.signal)
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  throw badResponse(response, `${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`)
}

/** Posts JSON that a schema has encoded. */
export function post<S extends z.ZodType>(
  client: MillraceClient,
  path: string,
  body: string,
  schema: S,
  signal?: AbortSignal,
): Promise<z.output<S>> {
  return requestJson(client, path, schema, { method: 'POST', body, headers: () => JSON_HEADERS, signal })
}

/** Reads a body, whose breaking off is the network's failure. */
export async function readBody<T>(
  response: Response,
  read: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (error instanceof SyntaxError) throw badResponse(response, 'it is no JSON', error)
    throw new NetworkError({ url: response.url }, error)
  }
}

const JSON_HEADERS = { 'content-type': 'application/json' }

async function requestOnce(client: MillraceClient, path: string, options: RequestOptions): Promise<Response> {
  const { method = 'GET', body, signal } = options
  const url = `${client.matcher}${path}`
  const headers = { accept: 'application/json', ...(await options.headers?.()) }
  let response: Response
  try {
    response = await client.fetch(url, { method, body: body as BodyInit, headers, signal })
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    throw new NetworkError({ url }, error)
  }
  if (!response.ok) throw await problemOf(response)
  return response
}

async function problemOf(response: Response): Promise<MillraceError> {
  const text = await response.text().catch(() => '')
  const parsed = problemSchema.safeParse(parseJson(text))
  return parsed.success
    ? new ProblemError(parsed.data)
    : badResponse(response, text.slice(0, 200) || 'no body')
}

function badResponse(response: Response, issue: string, cause?: unknown): BadResponseError {
  return new BadResponseError({ url: response.url, status: response.status, issue }, cause)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Trouble that may be over in a moment, unlike a market without offers, which a caller waits for itself. */
function isPassing(error: MillraceError): boolean {
  return !(error instanceof ProblemError) || error.status === 503 || error.status === 429
}
