/** The matcher is killed, loses what it stands on, is gone altogether: jobs still end, and are paid once. */
import { setTimeout as delay } from 'node:timers/promises'
import { buildProgram, encodeInput, run } from '@millrace/machine'
import {
  type Ask,
  type Bid,
  type BidView,
  claim,
  claimTree,
  closeLease,
  finalise,
  getBook,
  getDomain,
  getLease,
  getOrder,
  type JobReport,
  leaseIdOf,
  openMatch,
  type Phase,
  schemeProof,
  signAsk,
  signBid,
  signClose,
  submitBid,
  type Terms,
  termsOf,
  ticketHash,
} from '@millrace/sdk'
import type { Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ask as askRedis } from '../scripts/redis/ask.ts'
import { prepareBid } from './support/bids.ts'
import { booksOf, chainOf, changes, freeOf, openingsOf, warpTo } from './support/chain.ts'
import { owedFor, shares } from './support/money.ts'
import { enter, newcomer, type Person } from './support/people.ts'
import { startPostgres } from './support/postgres.ts'
import { restartUntil } from './support/processes.ts'
import { HELLO, SPIN } from './support/programs.ts'
import { freePort, lineTo } from './support/proxy.ts'
import { useStack } from './support/stack.ts'

// What the matcher stands on is in this test's hands: a server with its database, and its line to the chain.
const postgres = await startPostgres()
const chainPort = await freePort()
const chainLine = await lineTo(`http://127.0.0.1:${chainPort}`)
afterAll(async () => {
  await chainLine.cut()
  await postgres.stop()
})
const stack = useStack({
  providers: ['provider1'],
  arbiter: false,
  ports: { chain: chainPort },
  matcher: { databaseUrl: postgres.url, rpcUrl: chainLine.url },
})
const GREETING = { status: 'exited', stdout: "Hello from somebody else's computer.\n", settled: true }

let tasker: Person
beforeAll(async () => {
  tasker = await newcomer(stack(), undefined, { fetch: patiently })
})

const purses = () => {
  const { provider1, treasury } = stack().accounts
  return freeOf(stack(), {
    tasker: tasker.address,
    provider: provider1.address,
    matcher: treasury.address,
  })
}

describe('a matcher that is killed', () => {
  const points = ['accept', 'pair', 'intent', 'signed', 'sent', 'mined', 'confirmed']

  it('at every point of one job’s way loses nothing of it, and opens one lease', async () => {
    const before = await purses()
    const phases: Phase[] = []
    let { died } = await restartUntil(stack().matcher, points[0]!)
    const running = tasker.run({ ...HELLO, attempts: 1, time: 1_800, onPhase: (phase) => phases.push(phase) })
    for (const point of points.slice(1)) {
      await died
      ;({ died } = await restartUntil(stack().matcher, point))
    }
    await died
    await stack().matcher.restart()
    const report = await running

    expect(report).toMatchObject(GREETING)
    expect(await getOrder(tasker.client, { digest: report.order })).toMatchObject({
      status: 'filled',
      leases: [report.lease],
      jobs: [report.id],
    })
    await expectPaidOnce(before, [report])
    const hot = { address: stack().accounts.matcher.address }
    const chain = chainOf(stack())
    expect(await chain.getTransactionCount({ ...hot, blockTag: 'pending' })).toBe(
      await chain.getTransactionCount(hot),
    )
  })
})

describe('a matcher whose Redis is emptied again and again', () => {
  it('brings every job to its end', async () => {
    const before = await purses()
    const { port } = new URL(stack().urls.redis)
    const flushes: Promise<string | undefined>[] = []
    const jobs = Array.from({ length: 6 }, () =>
      tasker.run({
        ...HELLO,
        onPhase: ({ phase }) => {
          if (phase === 'signed' || phase === 'leased' || phase === 'finished')
            flushes.push(askRedis(Number(port), 'FLUSHALL'))
        },
      }),
    )
    const reports = await Promise.all(jobs)
    for (const report of reports) expect(report).toMatchObject(GREETING)
    await expectPaidOnce(before, reports)
    const flushed = await Promise.all(flushes)
    expect(flushed.length).toBe(3 * jobs.length)
    for (const answer of flushed) expect(answer).toMatch(/^\+OK/)
  })
})

describe('a matcher that what it needs is taken from', () => {
  const outages = [
    {
      part: 'redis',
      take: () => stack().redis.kill(),
      giveBack: async () => void (await stack().redis.restart()),
    },
    { part: 'chain', take: () => chainLine.cut(), giveBack: () => chainLine.mend() },
    { part: 'database', take: () => postgres.goAway(), giveBack: () => postgres.comeBack() },
  ]
  it.each(outages)('$part: says so at once, and goes on by itself', async ({ part, take, giveBack }) => {
    const before = await purses()
    let last: Response | undefined
    const impatient = await enter(stack(), tasker.account, {
      fetch: async (input, init) => {
        last = await fetch(input, { ...init, signal: init?.signal ?? AbortSignal.timeout(AT_ONCE) })
        return last
      },
    })
    const prepared = await prepareBid(stack(), impatient, HELLO)
    // A job is being run meanwhile.
    const order = Promise.withResolvers<Hex>()
    const begun = Promise.withResolvers<void>()
    const running = tasker.run({
      ...{ program: SPIN, fuel: 1_000_000_000n },
      onPhase: ({ phase, facts }) => {
        if (phase === 'signed') order.resolve(facts.order as Hex)
        if (phase === 'running') begun.resolve()
      },
    })
    running.catch(() => {})
    await begun.promise

    await take()
    try {
      await vi.waitFor(async () => {
        const refused = await submitBid(impatient.client, prepared).catch((error: unknown) => error)
        expect(refused).toMatchObject({ status: 503, code: `${part}-unavailable`, retryable: true })
      }, 30_000)
      expect(last?.headers.get('content-type')).toContain('application/problem+json')
      expect(last?.headers.get('retry-after')).toBe('1')
      const ready = await fetch(`${stack().urls.matcher}/readyz`)
      expect(ready.status).toBe(503)
      expect((await ready.json()).parts).toEqual({
        ...{ redis: true, database: true, chain: true, disk: true },
        [part]: false,
      })
      expect((await fetch(`${stack().urls.matcher}/healthz`)).status).toBe(200)
    } finally {
      // What is missing would fail every test that comes after.
      await giveBack()
    }
    const { digest } = await vi.waitFor(() => submitBid(impatient.client, prepared), 60_000)
    const greeting = await tasker.resume({ order: digest })
    expect(greeting).toMatchObject(GREETING)
    const report = await running.catch(async () => tasker.resume({ order: await order.promise }))
    expect(report).toMatchObject({ status: 'out-of-fuel', settled: true })
    await expectPaidOnce(before, [greeting, report])
  })
})

describe('without any matcher', () => {
  let provider: Person
  let ask: Ask
  let bids: { bid: Bid; scheme: BidView['scheme'] }[]
  beforeAll(async () => {
    provider = await newcomer(stack())
    const book = await vi.waitFor(async () => {
      const { asks } = await getBook(tasker.client, { token: tasker.token.address })
      expect(asks).toHaveLength(1)
      return asks
    }, 60_000)
    const offered = book[0]!.order as Ask
    ask = { ...offered, account: provider.address, key: provider.address, nonce: 1n }
    bids = [await prepareBid(stack(), tasker, HELLO), await prepareBid(stack(), tasker, HELLO)]
    await stack().matcher.kill()
  })

  it('a match is opened by whoever has both orders, and closed by both keys', async () => {
    const before = await partiesOf(provider)
    const { terms, job } = await openDirectly(bids[0]!)
    const { result, output } = await runFor(terms, job)
    expect(new TextDecoder().decode(output)).toContain('Hello from')

    const owed = owedFor(result.fuelUsed, 'provider1')
    const domain = await getDomain(tasker.client)
    const close = { lease: leaseIdOf(terms), owed, until: terms.end }
    const [taskerSignature, providerSignature] = await Promise.all(
      [tasker, provider].map(({ account }) => signClose(account, domain, close)),
    )
    await closeLease(tasker.client, {
      closing: {
        terms,
        owed,
        until: terms.end,
        taskerSignature: taskerSignature!,
        providerSignature: providerSignature!,
      },
    })
    const { cost, earned, fees } = shares(owed)
    expect(changes(before, await partiesOf(provider))).toEqual({
      ...{ tasker: -cost, provider: earned, matcher: fees, burned: 0n },
    })
  })

  it('nor does a silent tasker matter: what is claimed is paid after the window, by anyone', async () => {
    const before = await partiesOf(provider)
    const { terms, job } = await openDirectly(bids[1]!)
    const { result } = await runFor(terms, job)
    const owed = owedFor(result.fuelUsed, 'provider1')
    const { root, count, sum } = claimTree([{ index: 0, result, amount: owed }])
    await claim(provider.client, { terms, claim: { root, count, sum } })
    await expect(finalise(provider.client, { terms })).rejects.toMatchObject({ code: 'too-early' })
    const { timestamp } = await chainOf(stack()).getBlock()
    await warpTo(stack(), timestamp + terms.window + 1n)
    await finalise(tasker.client, { terms })
    const { cost, earned, fees } = shares(owed)
    expect(changes(before, await partiesOf(provider))).toEqual({
      ...{ tasker: -cost, provider: earned, matcher: fees, burned: 0n },
    })

    await stack().matcher.restart()
    const lease = leaseIdOf(terms)
    await vi.waitFor(async () => {
      expect(await getLease(tasker.client, { lease })).toMatchObject({ state: 'final', paid: owed })
    }, 60_000)
  })

  async function openDirectly({ bid, scheme }: (typeof bids)[number]) {
    const domain = await getDomain(tasker.client)
    const [askSignature, bidSignature] = await Promise.all([
      signAsk(provider.account, domain, ask),
      signBid(tasker.account, domain, bid),
    ])
    const match = {
      ...{ ask, askSignature, bid, bidSignature, scheme },
      ...{ seq: 0n, fuel: bid.fuel, bidIsMaker: false, previous: [] },
      schemeProof: schemeProof(tasker.market.schemes, scheme),
    }
    const { lease, receipt } = await openMatch(tasker.client, { match })
    const { timestamp: openedAt } = await chainOf(stack()).getBlock({ blockNumber: receipt.blockNumber })
    const terms = termsOf(ask, bid, { seq: 0n, fuel: bid.fuel, bidIsMaker: false, openedAt }, domain)
    expect(lease).toBe(leaseIdOf(terms))
    const { job } = bids.find((each) => each.bid === bid) as Awaited<ReturnType<typeof prepareBid>>
    return { terms, job }
  }

  async function runFor(terms: Terms, job: Awaited<ReturnType<typeof prepareBid>>['job']) {
    const { fuel, outputMax } = job
    const program = buildProgram(HELLO.program)
    const {
      statusCode: status,
      fuelUsed,
      output,
      outputRoot,
    } = await run(program, encodeInput({ args: [HELLO.name!] }), { fuel, outputMax })
    const ticket = ticketHash({ lease: leaseIdOf(terms), index: 0, job })
    return { result: { ticket, status, fuelUsed, output: outputRoot }, output }
  }
})

describe('the money', () => {
  it('is all there to the unit, and nothing of it is locked', async () => {
    const { free, locked, burned, held, deposited } = await booksOf(stack(), [
      stack().accounts.treasury.address,
    ])
    expect({ locked, burned }).toEqual({ locked: 0n, burned: 0n })
    expect(free).toBe(deposited)
    expect(held).toBe(deposited)
  })
})

/** "At once": far below any time-out of the matcher's own. Milliseconds. */
const AT_ONCE = 8_000

function partiesOf(provider: Person) {
  return freeOf(stack(), {
    tasker: tasker.address,
    provider: provider.address,
    matcher: stack().accounts.treasury.address,
  })
}

/** Each of these jobs had one lease, and what changed hands since `before` is what they cost, to the unit. */
async function expectPaidOnce(
  before: Awaited<ReturnType<typeof purses>>,
  reports: readonly JobReport[],
): Promise<void> {
  for (const { order } of reports) expect(await openingsOf(stack(), order)).toBe(1)
  const paid = reports.map(({ fuelUsed }) => shares(owedFor(fuelUsed, 'provider1')))
  const sum = (share: 'cost' | 'earned' | 'fees') => paid.reduce((all, each) => all + each[share], 0n)
  expect(changes(before, await purses())).toEqual({
    ...{ tasker: -sum('cost'), provider: sum('earned'), matcher: sum('fees'), burned: 0n },
  })
}

/** Asks again as long as nobody answers, as a careful caller does while a server restarts. */
async function patiently(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  for (;;) {
    try {
      return await fetch(input, init)
    } catch (error) {
      if (init?.signal?.aborted) throw error
      await delay(100)
    }
  }
}
