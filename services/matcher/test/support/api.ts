/** A plain client of the HTTP API, so that tests see what is sent and not what an SDK makes of it. */
import { EventEmitter, on } from 'node:events'
import type { HDAccount, Hex } from 'viem'
import type { TestMarket } from './market.ts'
import { signedHeaders } from './traders.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the tests
export type Json = any

export class Api {
  url: string

  constructor(url: string) {
    this.url = url
  }

  async get(path: string): Promise<{ status: number; json: Json }> {
    const response = await fetch(this.url + path)
    return { status: response.status, json: await response.json() }
  }

  async post(
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; json: Json }> {
    const response = await fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    return { status: response.status, json: await response.json() }
  }

  async putBlob(market: TestMarket, account: HDAccount, root: Hex, kind: string, bytes: Uint8Array) {
    const path = `/v1/blobs/${root}?kind=${kind}`
    const headers = await signedHeaders(market, account, 'PUT', path, bytes)
    const response = await fetch(this.url + path, {
      method: 'PUT',
      headers: { 'content-type': 'application/octet-stream', ...headers },
      body: bytes as BodyInit,
    })
    return { status: response.status, json: (await response.json()) as Json }
  }

  /** Listens to events; `stop` ends it. */
  async listen(query: string, lastEventId?: string): Promise<EventLog> {
    const controller = new AbortController()
    const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
    const response = await fetch(`${this.url}/v1/events?${query}`, { headers, signal: controller.signal })
    if (!response.ok) throw new Error(`events: ${response.status} ${await response.text()}`)
    return new EventLog(response.body!, controller)
  }
}

/** Events as they came, and a way to wait for one. */
export class EventLog {
  readonly events: Json[] = []
  readonly #emitter = new EventEmitter()
  readonly #controller: AbortController

  constructor(body: ReadableStream<Uint8Array>, controller: AbortController) {
    this.#controller = controller
    void this.#read(body).catch(() => {})
  }

  stop(): void {
    this.#controller.abort()
  }

  /** The first event, come or coming, for which `matches` holds. */
  async until(matches: (event: Json) => boolean, timeoutMs = 15_000): Promise<Json> {
    const signal = AbortSignal.timeout(timeoutMs)
    const coming = on(this.#emitter, 'event', { signal })
    const known = this.events.find(matches)
    if (known) return known
    try {
      for await (const [event] of coming) if (matches(event)) return event
    } catch {
      throw new Error(`No such event within ${timeoutMs} ms: ${this.events.map((e) => e.type).join(', ')}`)
    }
  }

  type(type: string, timeoutMs?: number): Promise<Json> {
    return this.until((event) => event.type === type, timeoutMs)
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let rest = ''
    for await (const piece of body.pipeThrough(
      new TextDecoderStream() as never,
    ) as unknown as AsyncIterable<string>) {
      const blocks = (rest + piece).split('\n\n')
      rest = blocks.pop()!
      for (const block of blocks) {
        const data = block.split('\n').find((line) => line.startsWith('data: '))
        if (!data) continue
        const event = JSON.parse(data.slice(6))
        this.events.push(event)
        this.#emitter.emit('event', event)
      }
    }
  }
}
