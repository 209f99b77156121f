import type { Address, Hex } from 'viem'
import { type EventType, eventSchema, type MarketEvent } from '../api/event.ts'
import type { MillraceClient } from '../client/client.ts'
import { backoff, delay } from '../client/delay.ts'
import { MillraceError } from '../errors/error.ts'
import { BadResponseError, NetworkError, ProblemError } from '../errors/http.ts'
import { readEvents } from '../http/eventStream.ts'
import { request } from '../http/request.ts'

export interface WatchEventsParameters {
  account?: Address
  job?: Hex
  lease?: Hex
  order?: Hex
  /** Events of these types alone; by themselves, whomever they concern. */
  types?: readonly EventType[]
  /** Replays what came after this event. */
  lastEventId?: string
  onEvent(event: MarketEvent): void
  /** The stream broke and is being taken up again, or an event was not to be read. Fatal when `final`. */
  onError?(error: MillraceError, final: boolean): void
  /** The stream stands, from now on nothing is missed: read here what happened before. */
  onOpen?(): void
  signal?: AbortSignal
}

const BACKOFF = { first: 100, most: 10_000 }

/**
 * Watches what happens to an account, a job, a lease or an order, or in the whole market. Comes back by itself after every break, from
 * the event after the last one.
 *
 * @returns stops watching
 */
export function watchEvents(client: MillraceClient, parameters: WatchEventsParameters): () => void {
  const stopped = new AbortController()
  const { signal } = parameters
  const stop = () => stopped.abort(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted) stop()
  void watch(client, parameters, stopped.signal).finally(() => signal?.removeEventListener('abort', stop))
  return stop
}

async function watch(
  client: MillraceClient,
  parameters: WatchEventsParameters,
  signal: AbortSignal,
): Promise<void> {
  const position = { lastEventId: parameters.lastEventId }
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      await readOnce(client, parameters, position, signal, () => {
        attempt = 0
      })
    } catch (error) {
      if (signal.aborted) return
      const known = error instanceof MillraceError ? error : new NetworkError({ url: client.matcher }, error)
      const final = known instanceof ProblemError && !known.retryable
      parameters.onError?.(known, final)
      if (final) return
    }
    await delay(backoff(attempt, BACKOFF, client.random), signal).catch(() => {})
  }
}

/** One connection, until it breaks. */
async function readOnce(
  client: MillraceClient,
  { account, job, lease, order, types, onEvent, onError, onOpen }: WatchEventsParameters,
  position: { lastEventId?: string },
  signal: AbortSignal,
  onProgress: () => void,
): Promise<void> {
  const filters = Object.entries({ account, job, lease, order, types: types?.join() }).filter(
    ([, value]) => value,
  ) as [string, string][]
  const headers = (): Record<string, string> => ({
    accept: 'text/event-stream',
    ...(position.lastEventId !== undefined && { 'last-event-id': position.lastEventId }),
  })
  const response = await request(client, `/v1/events?${new URLSearchParams(filters)}`, { headers, signal })
  onOpen?.()
  for await (const { id, data } of readEvents(response.body!)) {
    onProgress()
    const parsed = eventSchema.safeParse(parse(data))
    if (id !== undefined) position.lastEventId = id
    if (parsed.success) tell(() => onEvent(parsed.data))
    else onError?.(unreadable(response, parsed.error.message), false)
  }
}

/** A listener's own failure is its own: it must not look like a broken stream. */
function tell(listener: () => void): void {
  try {
    listener()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}

function unreadable(response: Response, issue: string): BadResponseError {
  return new BadResponseError({ url: response.url, status: response.status, issue })
}
