import { afterEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { type Answer, json, problem, startServer, type TestServer } from '../../test/server.ts'
import { createMillraceClient } from '../client/client.ts'
import { BadResponseError, NetworkError, ProblemError } from '../errors/http.ts'
import { request, requestJson } from './request.ts'

let server: TestServer
afterEach(() => server.close())

/** A client whose waits between tries are as short as they can be: jitter of nothing. */
async function clientOf(answer: Answer) {
  server = await startServer(answer)
  return createMillraceClient({ matcher: `${server.url}/`, random: () => 0 })
}

const schema = z.object({ ok: z.boolean() })

describe('requestJson', () => {
  it('gives what the schema makes of the answer', async () => {
    const client = await clientOf((_, response) => json(response, 200, { ok: true, more: 1 }))
    expect(await requestJson(client, '/x', schema)).toEqual({ ok: true })
    expect(server.requests).toEqual(['GET /x'])
  })

  it('throws a problem with all that it says, once', async () => {
    const client = await clientOf((_, response) => problem(response, 409, 'no-offer'))
    const error = await requestJson(client, '/x', schema).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ProblemError)
    expect(error).toMatchObject({ code: 'no-offer', status: 409, facts: { a: '1' }, remedy: 'Do something.' })
    expect(server.requests).toHaveLength(1)
  })

  it('asks again while the matcher says that it is passing', async () => {
    let times = 0
    const client = await clientOf((_, response) =>
      times++ < 2 ? problem(response, 503, 'redis-unavailable', true) : json(response, 200, { ok: true }),
    )
    expect(await requestJson(client, '/x', schema)).toEqual({ ok: true })
    expect(server.requests).toHaveLength(3)
  })

  it('asks again when the line is cut, with headers made anew', async () => {
    const seen: unknown[] = []
    const client = await clientOf((incoming, response) => {
      seen.push(incoming.headers['x-try'])
      if (seen.length < 3) response.destroy()
      else json(response, 200, { ok: true })
    })
    let made = 0
    await requestJson(client, '/x', schema, { headers: () => ({ 'x-try': String(++made) }) })
    expect(seen).toEqual(['1', '2', '3'])
  })

  it('gives up after some tries', async () => {
    const client = await clientOf((_, response) => void response.destroy())
    await expect(requestJson(client, '/x', schema)).rejects.toThrow(NetworkError)
    expect(server.requests).toHaveLength(4)
    await expect(requestJson(client, '/y', schema, { tries: 1 })).rejects.toThrow(NetworkError)
    expect(server.requests).toHaveLength(5)
  })

  it.each([
    ['not JSON', 200, '<html>'],
    ['another shape', 200, '{"ok":1}'],
    ['an error without a problem', 404, 'nothing here'],
  ])('says what is unexpected: %s', async (_, status, body) => {
    const client = await clientOf((_, response) => void response.writeHead(status).end(body))
    const error = await requestJson(client, '/x', schema).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(BadResponseError)
    expect(error).toMatchObject({ facts: { status }, retryable: false })
  })
})

describe('request', () => {
  it('is called off with the reason, also between tries', async () => {
    const stop = new AbortController()
    const client = await clientOf((_, response) => {
      response.destroy()
      stop.abort(new Error('enough'))
    })
    await expect(request(client, '/x', { signal: stop.signal })).rejects.toThrow('enough')
    await expect(request(client, '/x', { signal: stop.signal })).rejects.toThrow('enough')
    expect(server.requests).toHaveLength(1)
  })
})
