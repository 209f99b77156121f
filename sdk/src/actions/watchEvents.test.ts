import { afterEach, describe, expect, it } from 'vitest'
import { type Answer, problem, startServer, type TestServer } from '../../test/server.ts'
import type { EventType, MarketEvent } from '../api/event.ts'
import { createMillraceClient } from '../client/client.ts'
import type { MillraceError } from '../errors/error.ts'
import { watchEvents } from './watchEvents.ts'

let server: TestServer
let stop = () => {}
afterEach(async () => {
  stop()
  await server.close()
})

const job = `0x${'ab'.repeat(32)}` as const
const account = `0x${'12'.repeat(20)}` as const

/** A line of the stream: an event that needs no more than a count in its data. */
const line = (id: number, index: number) => {
  const event = { id: String(id), at: 1, type: 'demand.opened', accounts: [account], data: { index } }
  return `id: ${id}\ndata: ${JSON.stringify(event)}\n\n`
}

/** Watches until `count` events have come. */
async function watch(
  answer: Answer,
  count: number,
  options: { job?: typeof job; types?: readonly EventType[] } = {},
) {
  server = await startServer(answer)
  const client = createMillraceClient({ matcher: server.url, random: () => 0 })
  const events: MarketEvent[] = []
  const errors: [MillraceError, boolean][] = []
  let opened = 0
  await new Promise<void>((resolve) => {
    const check = (done: boolean) => done && resolve()
    stop = watchEvents(client, {
      ...options,
      onEvent: (event) => check(events.push(event) === count),
      onError: (error, final) => {
        errors.push([error, final])
        check(final)
      },
      onOpen: () => {
        opened++
      },
    })
  })
  return { events, errors, opened }
}

const begin = (response: Parameters<Answer>[1]) =>
  response.writeHead(200, { 'content-type': 'text/event-stream' })

describe('watchEvents', () => {
  it('asks for what it is told to, and comes back from the event after the last', async () => {
    const asked: unknown[] = []
    const { events, opened } = await watch(
      (request, response) => {
        asked.push(request.headers['last-event-id'])
        begin(response)
        // Two events, then the line is cut; then the rest.
        if (asked.length === 1) response.write(line(5, 1) + line(6, 2), () => response.destroy())
        else response.write(line(7, 3))
      },
      3,
      { job, types: ['job.result', 'lease.claimed'] },
    )
    expect(events.map((event) => event.data)).toEqual([{ index: 1 }, { index: 2 }, { index: 3 }])
    expect(asked).toEqual([undefined, '6'])
    expect(opened).toBe(2)
    expect(server.requests[0]).toBe(`GET /v1/events?job=${job}&types=job.result%2Clease.claimed`)
  })

  it('tells of an event that it cannot read, and goes on', async () => {
    const { events, errors } = await watch((_, response) => {
      begin(response).write(`id: 1\ndata: {"type":"new.kind"}\n\nid: 2\ndata: }{\n\n${line(3, 9)}`)
    }, 1)
    expect(events).toHaveLength(1)
    expect(errors.map(([{ code }, final]) => [code, final])).toEqual([
      ['bad-response', false],
      ['bad-response', false],
    ])
  })

  it('comes back after a refusal that passes, and ends at one that does not', async () => {
    let times = 0
    const { errors } = await watch((_, response) => {
      if (times++ === 0) begin(response).end()
      else problem(response, 400, 'bad-filter')
    }, 1)
    expect(errors.at(-1)).toMatchObject([{ code: 'bad-filter' }, true])
  })

  it('stops when it is told to', async () => {
    let closed = () => {}
    const end = new Promise<void>((resolve) => {
      closed = resolve
    })
    await watch((_, response) => {
      response.on('close', closed)
      begin(response).write(line(1, 1))
    }, 1)
    stop()
    await end
    expect(server.requests).toHaveLength(1)
  })
})
