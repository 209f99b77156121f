/** Strangers and clumsy friends: each wrong request is refused with a code and its facts, and harms nobody. */
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { commit } from '@millrace/machine'
import {
  type Bid,
  cancelNonces,
  cancelOrder,
  type Domain,
  getDomain,
  hasBlob,
  type MillraceClient,
  putBlob,
  signBid,
  submitBid,
  whyNot,
} from '@millrace/sdk'
import { problemSchema } from '@millrace/sdk/api'
import { type Hex, http, type LocalAccount, zeroHash } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { type PreparedBid, placeBid, prepareBid } from './support/bids.ts'
import { booksOf, chainOf, changes, freeOf, openingsOf, warpTo } from './support/chain.ts'
import { millrace } from './support/commandLine.ts'
import { listen } from './support/events.ts'
import { lockFor, owedFor, PRICES, shares } from './support/money.ts'
import { enter, newcomer, type Person } from './support/people.ts'
import { HELLO } from './support/programs.ts'
import { useStack } from './support/stack.ts'

const BLOB_LIMIT = 2 ** 20
const BODY_LIMIT = 2 ** 16

// The cheap one has too little memory for the program that greets, and never gets it.
const stack = useStack({
  providers: ['provider1', 'provider2'],
  providerArgs: { provider1: ['--memory', '64MiB'] },
  arbiter: false,
  matcher: { blobBytes: BLOB_LIMIT },
})

let tasker: Person
let stranger: Person
let loiterers: Record<'headers' | 'body' | 'idle', Promise<Ended>[]>
beforeAll(async () => {
  const { host } = new URL(stack().urls.matcher)
  // From now on, beside all that follows.
  loiterers = {
    headers: many(100, () => loiter('GET /v1/market HTTP/1.1\r\nHost: x\r\nX-Slow: ', 'a')),
    body: many(20, () => loiter(`POST /v1/bids HTTP/1.1\r\nHost: ${host}\r\n${LONG_BODY}`, ' ')),
    idle: many(20, () => loiter(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`)),
  }
  tasker = await newcomer(stack())
  stranger = await newcomer(stack())
})

describe('an order', () => {
  it('by somebody else is refused: whoever signs must be its account, or speak for it', async () => {
    const prepared = await prepareBid(stack(), tasker, HELLO)
    const { digest, ...facts } = await factsOf(submitBid(stranger.client, prepared), 401, 'bad-signature')
    expect(digest).toMatch(/^0x[0-9a-f]{64}$/)
    expect(facts).toEqual({ account: tasker.address, signer: stranger.address })
  })

  it('signed for another chain or another lease book is no order here', async () => {
    const prepared = await prepareBid(stack(), tasker, HELLO)
    const domain = await getDomain(tasker.client)
    const elsewhere: Domain[] = [
      { ...domain, chainId: 1 },
      { ...domain, verifyingContract: tasker.market.contracts.escrow },
    ]
    for (const other of elsewhere) {
      const answer = await post(await signed(tasker.account, other, prepared))
      expect(answer).toMatchObject({ status: 401, code: 'bad-signature' })
      expect(answer.facts).toMatchObject({ account: tasker.address })
      expect(answer.facts.signer).not.toBe(tasker.address)
    }
  })

  it('under the other signature that its signature implies is refused, and that fills nothing', async () => {
    const prepared = await prepareBid(stack(), tasker, HELLO)
    const body = await signed(tasker.account, await getDomain(tasker.client), prepared)
    const mirrored = { ...body, signature: mirror(body.signature) }
    expect(await post(mirrored)).toMatchObject({ status: 401, code: 'bad-signature' })
    expect(await post({ ...body, signature: `0x${'11'.repeat(65)}` })).toMatchObject({
      code: 'bad-signature',
    })
  })

  it('that comes many times is one order: one lease, paid once', async () => {
    const before = await purses()
    const body = await signed(
      tasker.account,
      await getDomain(tasker.client),
      await prepareBid(stack(), tasker, HELLO),
    )
    const answers = await Promise.all(many(5, () => post(body)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201])
    const [digest, ...others] = [...new Set(answers.map(({ json }) => json.digest as Hex))]
    expect(others).toEqual([])
    const report = await tasker.resume({ order: digest! })
    expect(await post(body)).toMatchObject({ status: 200, json: { digest, status: 'filled' } })

    expect(await openingsOf(stack(), digest!)).toBe(1)
    const { cost, earned, fees } = shares(owedFor(report.fuelUsed, 'provider2'))
    expect(changes(before, await purses())).toEqual({
      ...{ tasker: -cost, provider: earned, matcher: fees, burned: 0n },
    })
  })

  it('that is over when it comes is refused, with its time and the present one', async () => {
    const { timestamp } = await chainOf(stack()).getBlock()
    const expired = await prepareBid(stack(), tasker, {
      ...HELLO,
      change: (bid) => ({ ...bid, expiry: timestamp - 1n }),
    })
    const facts = await factsOf(submitBid(tasker.client, expired), 422, 'order-expired')
    expect(facts).toMatchObject({ expiry: (timestamp - 1n).toString() })
    expect(BigInt(facts.now as string)).toBeGreaterThanOrEqual(timestamp)
    const ended = await prepareBid(stack(), tasker, { ...HELLO, change: (bid) => ({ ...bid, end: 1n }) })
    expect(await factsOf(submitBid(tasker.client, ended), 422, 'order-ended')).toMatchObject({ end: '1' })
  })

  it('that expires in the book ends whoever waits for it, with the reason', async () => {
    const { timestamp } = await chainOf(stack()).getBlock({ blockTag: 'pending' })
    const expiry = timestamp + 60n
    const { digest } = await placeBid(stack(), tasker, {
      ...HELLO,
      change: (bid) => ({ ...bid, maxPrice: 1n, expiry }),
    })
    const waiting = tasker.resume({ order: digest }).catch((error: unknown) => error)
    await warpTo(stack(), expiry + 1n)
    expect(await waiting).toMatchObject({
      ...{ code: 'job-failed', retryable: false, facts: { order: digest, reason: 'expired' } },
    })
    const { reasons } = await whyNot(tasker.client, { digest })
    expect(reasons).toMatchObject([{ reason: 'order-expired', count: 1 }])
    expect((await tasker.funds()).locked).toBe(0n)
  })

  it('whose nonce was cancelled on chain is refused, and one in the book leaves it', async () => {
    const unserved = (bid: Bid) => ({ ...bid, maxPrice: 1n })
    const [first, second] = [
      await prepareBid(stack(), tasker, { ...HELLO, change: unserved }),
      await prepareBid(stack(), tasker, { ...HELLO, change: unserved }),
    ]
    const { digest } = await submitBid(tasker.client, first)
    const told = listen(stack(), { order: digest })
    const waiting = tasker.resume({ order: digest }).catch((error: unknown) => error)
    await cancelNonces(tasker.client, { nonces: [first.bid.nonce, second.bid.nonce] })
    await told.ofType('order.cancelled')
    told.stop()
    expect(await waiting).toMatchObject({
      ...{ code: 'job-failed', facts: { order: digest, reason: 'cancelled' } },
    })
    expect(await factsOf(submitBid(tasker.client, second), 422, 'order-cancelled')).toMatchObject({
      ...{ account: tasker.address, nonce: second.bid.nonce.toString() },
    })
    const { exitCode, stderr } = await millrace(stack(), ['job', 'wait', digest])
    expect(exitCode).toBe(114)
    expect(stderr).toContain('cancelled')
  })

  it('that nobody can serve waits, with the reasons counted by provider', async () => {
    const between = (PRICES.provider1 + PRICES.provider2) / 2n
    const { digest } = await placeBid(stack(), tasker, {
      ...HELLO,
      change: (bid) => ({ ...bid, maxPrice: between }),
    })
    const { candidates, reasons } = await whyNot(tasker.client, { digest })
    expect(candidates).toBe(2)
    expect(Object.fromEntries(reasons.map(({ reason, count }) => [reason, count]))).toEqual({
      ...{ memory: 1, price: 1 },
    })
    await cancelOrder(tasker.client, { digest })
    const running = tasker.run({ ...HELLO, fuel: 10n ** 14n })
    await expect(running).rejects.toMatchObject({
      ...{ code: 'no-offer', status: 409, retryable: true },
      facts: {
        candidates: 2,
        reasons: expect.arrayContaining([expect.objectContaining({ reason: 'job-too-large', count: 2 })]),
      },
    })
  })

  it('without its money is refused, with what is missing to the unit', async () => {
    const poor = await newcomer(stack(), 1_000n)
    const prepared = await prepareBid(stack(), poor, HELLO)
    const needed = lockFor(prepared.bid.fuel, 'provider2')
    expect(await factsOf(submitBid(poor.client, prepared), 402, 'insufficient-funds')).toEqual({
      ...{ account: poor.address, token: poor.token.address },
      ...{ free: '1000', needed: `${needed}`, missing: `${needed - 1_000n}` },
    })
    await expect(poor.run(HELLO)).rejects.toMatchObject({
      ...{ code: 'insufficient-funds', retryable: false, facts: { free: 1_000n } },
    })
  })
})

describe('a signed request', () => {
  it('is good once, for one path and one method', async () => {
    const { digest } = await placeBid(stack(), tasker, {
      ...HELLO,
      change: (bid) => ({ ...bid, maxPrice: 1n }),
    })
    const { client, sent } = recording(tasker.client)
    expect((await cancelOrder(client, { digest })).status).toBe('cancelled')
    const [{ url, headers }] = sent as [Sent]
    const again = await refusalOf(fetch(url, { method: 'DELETE', headers }))
    expect(again).toMatchObject({ status: 409, code: 'nonce-used' })
    expect(again.facts).toEqual({ key: tasker.address, nonce: headers['millrace-nonce'] })
    const elsewhere = await refusalOf(fetch(url.replace(digest, zeroHash), { method: 'DELETE', headers }))
    expect(elsewhere).toMatchObject({ status: 401, code: 'bad-signature' })
    expect(elsewhere.facts).toMatchObject({ key: tasker.address, method: 'DELETE' })
  })

  it('of somebody else takes no order out of the book', async () => {
    const { digest } = await placeBid(stack(), tasker, {
      ...HELLO,
      change: (bid) => ({ ...bid, maxPrice: 1n }),
    })
    const facts = await factsOf(cancelOrder(stranger.client, { digest }), 403, 'not-the-owner')
    expect(facts).toEqual({ key: stranger.address, account: tasker.address })
    expect((await cancelOrder(tasker.client, { digest })).status).toBe('cancelled')
  })
})

describe('a blob', () => {
  it('that is not what it is named, or too large, is refused and not kept', async () => {
    const [bytes, other] = ['what was meant', 'what came'].map((text) => Buffer.from(text))
    const root = commit(bytes!)
    const facts = await factsOf(
      putBlob(tasker.client, { bytes: other!, kind: 'data', root }),
      422,
      'blob-root-mismatch',
    )
    expect(facts).toEqual({ kind: 'data', expected: root, found: commit(other!) })
    const large = new Uint8Array(BLOB_LIMIT + 1)
    const tooLarge = putBlob(tasker.client, { bytes: large, kind: 'data' })
    expect(await factsOf(tooLarge, 413, 'blob-too-large')).toEqual({ limit: BLOB_LIMIT })
    for (const name of [root, commit(large)]) expect(await hasBlob(tasker.client, { root: name })).toBe(false)
  })
})

describe('a node of another chain', () => {
  it('is found out before anything is signed', async () => {
    const { rpc } = stack().urls
    // Right in everything but its number.
    const foreign: typeof fetch = async (input, init) => {
      const isAsked = String(init?.body).includes('eth_chainId')
      const response = await fetch(input, init)
      if (!isAsked) return response
      const { id, jsonrpc } = (await response.json()) as { id: number; jsonrpc: string }
      return Response.json({ id, jsonrpc, result: '0x1' })
    }
    const { client, sent } = recording(tasker.client)
    const lost = await enter(stack(), tasker.account, {
      fetch: client.fetch,
      transport: http(rpc, { fetchFn: foreign }),
    })
    await expect(lost.run(HELLO)).rejects.toMatchObject({
      ...{ code: 'wrong-chain', retryable: false, facts: { expected: 31_337, actual: 1 } },
    })
    expect(sent.filter(({ method }) => method !== 'GET')).toEqual([])
  })
})

describe('a body that is too large', () => {
  const tooLarge = { status: 413, code: 'body-too-large', facts: { limit: BODY_LIMIT } }
  const url = () => `${stack().urls.matcher}/v1/bids`
  const headers = { 'content-type': 'application/json' }

  it('is refused by its length, and small as it comes but not as it is', async () => {
    const body = JSON.stringify('x'.repeat(BODY_LIMIT))
    expect(await refusalOf(fetch(url(), { method: 'POST', headers, body }))).toMatchObject(tooLarge)
    const packed = gzipSync(JSON.stringify('x'.repeat(100 * 2 ** 20)))
    const bomb = { method: 'POST', headers: { ...headers, 'content-encoding': 'gzip' }, body: packed }
    expect(await refusalOf(fetch(url(), bomb))).toMatchObject(tooLarge)
  })

  it('is cut off where it does not say how long it is', async () => {
    const sent = await new Promise<{ status?: number; bytes: number }>((resolve, reject) => {
      let bytes = 0
      const outgoing = httpRequest(url(), { method: 'POST', headers }, ({ statusCode: status }) => {
        clearInterval(pouring)
        outgoing.destroy()
        resolve({ status, bytes })
      })
      outgoing.on('error', reject)
      const piece = 'x'.repeat(2 ** 14)
      outgoing.write('"')
      const pouring = setInterval(() => {
        outgoing.write(piece)
        bytes += piece.length
      }, 5)
    })
    expect(sent.status).toBe(413)
    expect(sent.bytes).toBeGreaterThanOrEqual(BODY_LIMIT)
    expect(sent.bytes).toBeLessThan(64 * BODY_LIMIT)
  })
})

describe('clients that take their time', () => {
  it('are cut off: 10 s for the headers, 30 s for all of it, 5 s for doing nothing', async () => {
    const [headers, body, idle] = await Promise.all(
      [loiterers.headers, loiterers.body, loiterers.idle].map((ends) => Promise.all(ends)),
    )
    for (const { text, seconds } of headers!) {
      expect(text).toContain('408 Request Timeout')
      expect(seconds).toBeGreaterThan(9)
    }
    for (const { text, seconds } of body!) {
      expect(text).toContain('408 Request Timeout')
      expect(seconds).toBeGreaterThan(29)
    }
    for (const { text, seconds } of idle!) {
      expect(text).toContain('200 OK')
      expect(seconds).toBeGreaterThan(4)
    }
    const slowest = (ends: readonly Ended[]) => Math.max(...ends.map(({ seconds }) => seconds))
    expect(slowest(idle!)).toBeLessThan(slowest(headers!))
    expect(slowest(headers!)).toBeLessThan(slowest(body!))
  }, 90_000)
})

describe('the money', () => {
  it('is all there, and nothing of it is locked', async () => {
    const { free, locked, deposited, held } = await booksOf(stack(), [stack().accounts.treasury.address])
    expect(locked).toBe(0n)
    expect([free, held]).toEqual([deposited, deposited])
  })
})

interface Ended {
  /** What the server said. */
  readonly text: string
  /** How long it let the connection be. */
  readonly seconds: number
}

/** A body of which the client will never send all. */
const LONG_BODY = 'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{'

/** Connects, says something, and goes on with a `drop` a second, if any, until the server has enough. */
function loiter(words: string, drop?: string): Promise<Ended> {
  const { hostname, port } = new URL(stack().urls.matcher)
  const started = performance.now()
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(Number(port), hostname, () => socket.write(words))
    const dripping = drop === undefined ? undefined : setInterval(() => socket.write(drop), 1_000)
    socket.on('data', (data) => (text += data))
    socket.on('error', () => {}) // "close" follows
    socket.on('close', () => {
      clearInterval(dripping)
      resolve({ text, seconds: (performance.now() - started) / 1_000 })
    })
  })
}

const many = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)

const purses = () => {
  const { provider2, treasury } = stack().accounts
  return freeOf(stack(), {
    tasker: tasker.address,
    provider: provider2.address,
    matcher: treasury.address,
  })
}

/** What stands in a refusal that the SDK hands on, once status and code are these. */
async function factsOf(
  refused: Promise<unknown>,
  status: number,
  code: string,
): Promise<Record<string, unknown>> {
  const error = (await refused.catch((error: unknown) => error)) as { facts: Record<string, unknown> }
  expect(error).toMatchObject({ name: 'ProblemError', status, code, remedy: expect.stringMatching(/\w/) })
  return error.facts
}

/** The problem in an answer to a request that no SDK made. */
async function refusalOf(answer: Promise<Response>) {
  const response = await answer
  expect(response.headers.get('content-type')).toContain('application/problem+json')
  return { ...problemSchema.parse(await response.json()), status: response.status }
}

/** A bid as it goes over the wire. */
async function signed(account: LocalAccount, domain: Domain, { bid, job, scheme }: PreparedBid) {
  const signature = await signBid(account, domain, bid)
  return { bid, signature, scheme, job }
}

async function post(body: object) {
  const response = await fetch(`${stack().urls.matcher}/v1/bids`, {
    ...{
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body, decimal),
    },
  })
  const json = await response.json()
  return { status: response.status, json, code: json.code, facts: json.facts }
}

const decimal = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)

/** secp256k1: with (r, s) goes (r, n − s), which recovers to the same key. */
function mirror(signature: Hex): Hex {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
  const s = order - BigInt(`0x${signature.slice(66, 130)}`)
  const v = signature.endsWith('1b') ? '1c' : '1b'
  return `${signature.slice(0, 66)}${s.toString(16).padStart(64, '0')}${v}` as Hex
}

interface Sent {
  readonly url: string
  readonly method: string
  readonly headers: Record<string, string>
}

/** A client whose requests are written down. */
function recording(client: MillraceClient): { client: MillraceClient; sent: Sent[] } {
  const sent: Sent[] = []
  const recorded: typeof fetch = (input, init) => {
    const headers = init?.headers as Record<string, string>
    sent.push({ url: String(input), method: init?.method ?? 'GET', headers })
    return fetch(input, init)
  }
  return { sent, client: { ...client, fetch: recorded } }
}
