import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { buildProgram, commit } from '@millrace/machine'
import { signAsk, signerFromKey } from '@millrace/sdk'
import { escrowAbi } from '@millrace/sdk/abi'
import { askSubmissionSchema, eventSchema, marketSchema, problemSchema } from '@millrace/sdk/api'
import type { Address, HDAccount } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { developmentAccount } from '../../../scripts/stack/development-accounts.ts'
import { type Matcher, startMatcher } from '../src/index.ts'
import { Api } from './support/api.ts'
import { keyOf, startMarket, type TestMarket } from './support/market.ts'
import { chainTime, INPUT, makeAsk, makeBid, makeJob, PROGRAM, signedHeaders } from './support/traders.ts'

describe('the HTTP API', () => {
  let market: TestMarket
  let matcher: Matcher
  let api: Api
  let rich: HDAccount
  let poor: HDAccount
  const programRoot = buildProgram(PROGRAM).root

  beforeAll(async () => {
    market = await startMarket()
    ;[rich, poor] = [await market.person(10), await market.person(11, 1_000n)]
    matcher = await startMatcher(await market.config({ blobBytes: 4_096 }))
    api = new Api(matcher.url)
  }, 60_000)
  afterAll(async () => {
    await matcher?.stop()
    await market?.stop()
  })

  const refusal = async (answer: Promise<{ status: number; json: unknown }>) => {
    const { status, json } = await answer
    return { ...problemSchema.parse(json), status }
  }

  it('says what a client must know', async () => {
    const market = marketSchema.parse((await api.get('/v1/market')).json)
    expect(market).toMatchObject({ chainId: 31_337, limits: { blobBytes: 4_096, bodyBytes: 65_536 } })
    expect((await api.get('/readyz')).status).toBe(200)
  })

  it('describes itself, with every schema that is referred to', async () => {
    const { json } = await api.get('/openapi.json')
    const text = JSON.stringify(json)
    const wanted = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1]))
    expect([...wanted].filter((name) => !(name! in json.components.schemas))).toEqual([])
    expect(text).not.toContain('$defs')
    expect(json.paths['/v1/bids'].post.requestBody.content['application/json'].schema).toEqual({
      $ref: '#/components/schemas/BidSubmission',
    })
    expect(json.components.schemas.Bid.properties.fuel.type).toBe('string')
  })

  describe('refuses, with code, facts and remedy,', () => {
    it('an order by somebody else', async () => {
      const { body } = await makeAsk(market, rich, {
        account: poor.address.toLowerCase() as never,
        minFuel: 1n,
      })
      expect(await refusal(api.post('/v1/asks', body))).toMatchObject({ status: 401, code: 'bad-signature' })
    })

    it('an order without its money, and says how much is missing', async () => {
      const { body } = await makeBid(market, poor)
      expect(await refusal(api.post('/v1/bids', body))).toMatchObject({
        status: 402,
        code: 'insufficient-funds',
        facts: { free: '1000', needed: '1501600', missing: '1500600' },
      })
    })

    it('an expired order, another job, and a job whose blobs are missing', async () => {
      const expired = await makeBid(market, rich, { expiry: await chainTime(market) })
      expect(await refusal(api.post('/v1/bids', expired.body))).toMatchObject({ code: 'order-expired' })
      const { body } = await makeBid(market, rich, { job: makeJob(programRoot) })
      const other = { ...body, job: { ...body.job, outputMax: 1 } }
      expect(await refusal(api.post('/v1/bids', other))).toMatchObject({ code: 'job-mismatch' })
      expect(await refusal(api.post('/v1/bids', body))).toMatchObject({
        status: 409,
        code: 'blob-missing',
        facts: { missing: [{ kind: 'program' }, { kind: 'data' }] },
      })
    })

    it('a cancelled order', async () => {
      const { body, bid } = await makeBid(market, rich)
      const { cancelNoncesCall } = await import('@millrace/sdk')
      const { to, data } = cancelNoncesCall({ leases: market.contracts.leases, nonces: [bid.nonce] })
      await market.wallet(rich).sendTransaction({ account: rich, chain: null, to, data })
      expect(await refusal(api.post('/v1/bids', body))).toMatchObject({ code: 'order-cancelled' })
    })

    it('what is no order at all', async () => {
      expect(await refusal(api.post('/v1/bids', '{"bid":'))).toMatchObject({
        status: 400,
        code: 'invalid-body',
      })
      expect(await refusal(api.post('/v1/bids', {}))).toMatchObject({ status: 400, code: 'invalid-request' })
      expect(await refusal(api.post('/v1/bids', `"${'x'.repeat(70_000)}"`))).toMatchObject({
        status: 413,
        code: 'body-too-large',
        facts: { limit: 65_536 },
      })
      expect(await refusal(api.get('/v1/nothing'))).toMatchObject({ status: 404, code: 'no-such-route' })
    })

    it('a blob under another root, one that is no module, and one that is too large', async () => {
      const root = commit(INPUT)
      const other = new TextEncoder().encode('other')
      expect(await refusal(api.putBlob(market, rich, root, 'data', other))).toMatchObject({
        status: 422,
        code: 'blob-root-mismatch',
        facts: { expected: root, found: commit(other) },
      })
      expect(await refusal(api.putBlob(market, rich, root, 'program', other))).toMatchObject({
        code: 'module-refused',
      })
      const large = new Uint8Array(5_000)
      expect(await refusal(api.putBlob(market, rich, commit(large), 'data', large))).toMatchObject({
        status: 413,
        code: 'blob-too-large',
      })
    })

    it('a signed request that is old, was sent before, or is another one', async () => {
      const root = commit(INPUT)
      const path = `/v1/blobs/${root}?kind=data`
      const put = (headers: Record<string, string>) =>
        fetch(api.url + path, { method: 'PUT', headers, body: INPUT as BodyInit }).then(async (response) => ({
          status: response.status,
          json: await response.json(),
        }))
      const old = await signedHeaders(market, rich, 'PUT', path, INPUT, {
        issuedAt: BigInt(Date.now() - 61_000),
      })
      expect(await refusal(put(old))).toMatchObject({ status: 401, code: 'request-stale', retryable: true })
      const elsewhere = await signedHeaders(market, rich, 'PUT', `${path}&x`, INPUT)
      expect(await refusal(put(elsewhere))).toMatchObject({ status: 401, code: 'bad-signature' })
      const good = await signedHeaders(market, rich, 'PUT', path, INPUT)
      expect(await put(good)).toMatchObject({ status: 201, json: { root, size: INPUT.length } })
      expect(await refusal(put(good))).toMatchObject({ status: 409, code: 'nonce-used' })
    })

    it('a quote that nobody offers, counting the reasons', async () => {
      await api.post('/v1/asks', (await makeAsk(market, rich, { memoryPages: 1 })).body)
      const wanted = {
        token: market.contracts.token,
        fuel: '1000',
        memoryPages: 2,
        window: '600',
        disputeLimit: '600',
        end: ((await chainTime(market)) + 60n).toString(),
      }
      expect(await refusal(api.post('/v1/quotes', wanted))).toMatchObject({
        status: 409,
        code: 'no-offer',
        facts: { candidates: 1, reasons: [{ reason: 'memory', count: 1 }] },
      })
      const offered = await api.post('/v1/quotes', { ...wanted, memoryPages: 1 })
      expect(offered.json).toMatchObject({ price: '1000000', parts: { claimFee: '10' } })
    })
  })

  it('takes an order that an operator signed, within its cap', async () => {
    const operator = developmentAccount(20)
    const account = rich.address.toLowerCase() as Address
    const signedByOperator = async () => {
      const { ask } = await makeAsk(market, rich, { account, minFuel: 10n ** 9n, memoryPages: 1 })
      const signature = await signAsk(signerFromKey(keyOf(operator)), market.domain, ask)
      return { ...z.encode(askSubmissionSchema, { ask, signature, schemes: [market.scheme] }) }
    }
    const name = async (cap: bigint) => {
      const until = Number(await chainTime(market)) + 600
      const args = [operator.address, market.contracts.token, cap, until] as const
      const call = {
        address: market.contracts.escrow,
        abi: escrowAbi,
        functionName: 'setOperator',
        args,
      } as const
      await market.wallet(rich).writeContract({ ...call, account: rich, chain: null })
    }
    expect(await refusal(api.post('/v1/asks', await signedByOperator()))).toMatchObject({
      code: 'bad-signature',
    })
    await name(4_999_999n)
    expect(await refusal(api.post('/v1/asks', await signedByOperator()))).toMatchObject({
      code: 'bad-signature',
    })
    await name(5_000_000n)
    expect((await api.post('/v1/asks', await signedByOperator())).status).toBe(201)
  })

  it('takes the same order once, says why it waits, and lets its owner take it back', async () => {
    const waiting = await api.listen(`account=${rich.address}`)
    const { body } = await makeBid(market, rich, { maxPrice: 5n })
    const first = await api.post('/v1/bids', body)
    expect(first.status).toBe(201)
    expect(await api.post('/v1/bids', body)).toEqual({ status: 200, json: first.json })
    const { digest } = first.json
    const unmatched = await waiting.type('order.unmatched')
    expect(unmatched).toMatchObject({ order: digest, data: { candidates: 2 } })
    waiting.stop()
    const why = await api.get(`/v1/orders/${digest}/why`)
    expect(why.json.reasons.map(({ reason }: { reason: string }) => reason)).toContain('price')

    const path = `/v1/orders/${digest}`
    const remove = async (account: HDAccount) => {
      const headers = await signedHeaders(market, account, 'DELETE', path)
      const response = await fetch(api.url + path, { method: 'DELETE', headers })
      return { status: response.status, json: await response.json() }
    }
    expect(await refusal(remove(poor))).toMatchObject({ status: 403, code: 'not-the-owner' })
    expect(await remove(rich)).toMatchObject({ status: 200, json: { status: 'cancelled' } })
    const { json: book } = await api.get(`/v1/book?token=${market.contracts.token}`)
    expect(book.bids).toEqual([])
  })

  it('replays what a listener missed, in order and once', async () => {
    const live = await api.listen(`account=${rich.address}`)
    const { body } = await makeBid(market, rich, { maxPrice: 1n })
    await api.post('/v1/bids', body)
    const accepted = await live.type('order.accepted')
    live.stop()
    const again = await api.listen(`account=${rich.address}`, '0')
    await again.until(({ id }) => id === accepted.id)
    const ids = again.events.map(({ id }) => Number(id))
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b))
    for (const event of again.events) eventSchema.parse(event)
    const after = await api.listen(`account=${rich.address}`, accepted.id)
    await api.post('/v1/bids', (await makeBid(market, rich, { maxPrice: 1n })).body)
    expect((await after.type('order.accepted')).id).not.toBe(accepted.id)
    // Of the whole market, by type: what came before and what comes.
    const all = await api.listen('types=order.accepted,order.matched', '0')
    await api.post('/v1/bids', (await makeBid(market, rich, { maxPrice: 1n })).body)
    await all.until(() => all.events.length >= 3)
    expect(new Set(all.events.map(({ type }) => type))).toEqual(new Set(['order.accepted']))
    for (const log of [again, after, all]) log.stop()
    expect(await refusal(api.get('/v1/events'))).toMatchObject({ status: 400, code: 'invalid-request' })
  })

  it('keeps strangers from its pages and its memory', async () => {
    const response = await fetch(`${api.url}/v1/blobs/${commit(INPUT)}`)
    expect(response.headers.get('content-disposition')).toBe('attachment')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(INPUT)
    const metrics = await (await fetch(`${api.url}/metrics`)).text()
    expect(metrics).toContain('millrace_matcher_orders_total{kind="bid"}')
  })

  it('cuts off a client that never ends its headers', async () => {
    const { port } = new URL(api.url)
    const started = Date.now()
    const ended = await new Promise<string>((resolve) => {
      let text = ''
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n'))
      socket.on('data', (data) => (text += data))
      socket.on('close', () => resolve(text))
    })
    expect(ended).toContain('408')
    expect(Date.now() - started).toBeGreaterThan(9_000)
  }, 30_000)

  it('throttles an address that sends nonsense, and nobody else', async () => {
    const own = await startMatcher(await market.config({ quotaBurst: 120, quotaPerSecond: 1 }))
    const post = (localAddress: string) =>
      new Promise<number>((resolve, reject) => {
        const outgoing = httpRequest(`${own.url}/v1/bids`, { method: 'POST', localAddress }, (response) => {
          response.resume()
          resolve(response.statusCode!)
        })
        outgoing.on('error', reject)
        outgoing.setHeader('content-type', 'application/json')
        outgoing.end('{}')
      })
    const statuses = [
      await post('127.0.0.1'),
      await post('127.0.0.1'),
      await post('127.0.0.1'),
      await post('127.0.0.1'),
    ]
    expect(statuses).toEqual([400, 400, 400, 429])
    expect(await post('127.0.0.2')).toBe(400)
    await own.stop()
  })
})
