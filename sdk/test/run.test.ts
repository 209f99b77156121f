/** Whole jobs: real money on a real chain, real runs, and an API that can be made to misbehave. */
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { deposit } from '../src/actions/deposit.ts'
import { getDispute } from '../src/actions/disputes.ts'
import { mint } from '../src/actions/transactions.ts'
import { WrongResultError } from '../src/errors/client.ts'
import { type ConnectOptions, connect } from '../src/millrace/connect.ts'
import type { Phase } from '../src/millrace/phase.ts'
import { START_TIMEOUT, startChain, type TestChain } from './chain.ts'
import { assemble, echoProgram } from './echo.ts'
import { startMarket, type TestMarket } from './market.ts'
import { GIGA } from './orders.ts'

const TASKER = 1
const PROVIDER = 2
const WEALTH = 10n ** 12n

let chain: TestChain
let market: TestMarket
let program: Uint8Array

beforeAll(async () => {
  chain = await startChain()
  const { token } = chain.contracts
  for (const index of [TASKER, PROVIDER]) {
    const client = chain.client(index)
    await mint(client, { token, to: chain.account(index).address, amount: 2n * WEALTH })
    await deposit(client, { token, amount: WEALTH })
  }
  program = await echoProgram()
}, START_TIMEOUT)

beforeEach(async () => {
  await market?.close()
  market = await startMarket(chain)
})

afterAll(async () => {
  await market?.close()
  await chain?.close()
})

/** Failures are taken by hand: Hardhat's matchers for chai take `rejects` over once its runtime is loaded. */
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

const open = (options: Partial<ConnectOptions> = {}, account = TASKER) =>
  connect({
    matcher: market.url,
    account: chain.account(account),
    transport: chain.transport,
    pollingInterval: 5,
    ...options,
  })

const job = () => ({ program, stdin: 'ground', fuel: GIGA })

describe('run', () => {
  it('five lines: the output, and what it cost', async () => {
    const millrace = await open()
    const before = await millrace.funds()
    const phases: Phase[] = []
    const done = await millrace.run({ ...job(), onPhase: (phase) => phases.push(phase) })

    expect(done).toMatchObject({ status: 'exited', exitCode: 0, stdout: 'ground', stderr: '', settled: true })
    const after = await millrace.funds()
    expect(after.locked).toBe(before.locked)
    expect(before.free - after.free).toBe(done.paid)
    expect(phases.map(({ phase }) => phase)).toEqual([
      ...['prepared', 'quoted', 'signed', 'matched', 'leased', 'running', 'finished', 'checked', 'paid'],
    ])
    const leased = phases.find(({ phase }) => phase === 'leased')!
    expect(leased.gas).toBeGreaterThan(50_000n)
    expect(phases.at(-1)!.tx).toMatch(/^0x[0-9a-f]{64}$/)
  })

  it('uploads a program once', async () => {
    const millrace = await open()
    await millrace.run(job())
    await millrace.run(job())
    expect(market.requests.filter((request) => /PUT .*kind=program/.test(request))).toHaveLength(1)
  })

  it('spends no more than it may: less fuel by itself, or an error before anything is signed', async () => {
    const millrace = await open()
    const { fuel: _, ...unlimited } = job()
    const phases: Phase[] = []
    await millrace.run({ ...unlimited, maxPrice: 1_000_000n, onPhase: (phase) => phases.push(phase) })
    const quoted = phases.find(({ phase }) => phase === 'quoted')!.facts
    expect(quoted.most).toBeLessThanOrEqual(1_000_000n)
    expect(quoted.fuel).toBeGreaterThan(GIGA / 2n)

    const { symbol } = millrace.market.tokens[0]!
    expect(await failureOf(millrace.run({ ...job(), maxPrice: 1_000n }))).toMatchObject({
      code: 'over-budget',
      message: expect.stringMatching(
        new RegExp(`^It can cost [\\d.]+ ${symbol}; 0\\.\\d+ ${symbol} are allowed`),
      ),
    })
    expect(await failureOf(millrace.run({ ...unlimited, maxPrice: 1n }))).toMatchObject({
      code: 'over-budget',
    })
    expect(market.requests.filter((request) => request === 'POST /v1/bids')).toHaveLength(1)
  })

  it('says how much is missing, or deposits it', async () => {
    const poor = 5
    const { token } = chain.contracts
    await mint(chain.client(poor), { token, to: chain.account(poor).address, amount: WEALTH })
    const millrace = await open({}, poor)
    const missing = await failureOf(millrace.run(job()))
    expect(missing).toMatchObject({ code: 'insufficient-funds', facts: { free: 0n } })
    expect(market.requests).not.toContain('POST /v1/bids')

    const phases: Phase[] = []
    const paid = await millrace.run({ ...job(), deposit: 'auto', onPhase: (phase) => phases.push(phase) })
    expect(paid.stdout).toBe('ground')
    expect(phases.map(({ phase }) => phase)).toContain('funded')
  })

  it('refuses what is no program, with the place', async () => {
    const millrace = await open()
    const refusal = await failureOf(
      millrace.run({ ...job(), program: new TextEncoder().encode('no wasm at all') }),
    )
    expect(refusal).toMatchObject({ code: 'module-refused', facts: { offset: 0 } })
  })

  it('a job out of fuel is a result, with its output', async () => {
    const millrace = await open()
    const done = await millrace.run({ ...job(), fuel: 10n })
    expect(done).toMatchObject({ status: 'out-of-fuel', exitCode: -1, stdout: '', fuelUsed: 10n })
  })

  it('says why a program trapped, in the words of whoever ran it', async () => {
    const millrace = await open()
    const trapping = await assemble('(module (func (export "main") unreachable))')
    const done = await millrace.run({ program: trapping, fuel: GIGA })
    expect(done).toMatchObject({ status: 'trapped', exitCode: -1, trap: 'unreachable' })
  })

  it('is tried again when a provider declines', async () => {
    market.misbehave.declines = 1
    const millrace = await open()
    const phases: Phase[] = []
    const done = await millrace.run({ ...job(), onPhase: (phase) => phases.push(phase) })
    expect(done.stdout).toBe('ground')
    expect(phases.find(({ phase }) => phase === 'failed')?.facts).toMatchObject({
      reason: 'host-abort',
      left: 2,
    })
  })

  it('says why when there is no attempt left', async () => {
    market.misbehave.declines = 1
    const millrace = await open()
    const failure = await failureOf(millrace.run({ ...job(), attempts: 1 }))
    expect(failure).toMatchObject({ code: 'job-failed', facts: { reason: 'host-abort' }, retryable: true })
  })

  it('misses nothing when the stream is cut', async () => {
    market.misbehave.cutsStream = true
    const millrace = await open()
    expect((await millrace.run(job())).stdout).toBe('ground')
  })

  it('is left by its signal and taken up by its order', async () => {
    const millrace = await open()
    const leave = new AbortController()
    let order: unknown
    const left = await failureOf(
      millrace.run({
        ...job(),
        signal: leave.signal,
        onPhase: ({ phase, facts }) => {
          if (phase !== 'signed') return
          order = facts.order
          leave.abort(new Error('detached'))
        },
      }),
    )
    expect(left).toMatchObject({ message: 'detached' })
    const done = await millrace.resume({ order: order as `0x${string}` })
    expect(done).toMatchObject({ stdout: 'ground', settled: true, order })
  })

  it('is left while its close is on the way, and every failure is heard by its caller alone', async () => {
    const unheard: unknown[] = []
    const hear = (reason: unknown) => unheard.push(reason)
    process.on('unhandledRejection', hear)
    const leave = new AbortController()
    market.misbehave.beforeClose = async () => {
      leave.abort(new Error('detached'))
      await delay(20)
    }
    const left = await failureOf((await open()).run({ ...job(), signal: leave.signal }))
    process.off('unhandledRejection', hear)
    expect(left).toMatchObject({ message: 'detached' })
    expect(unheard).toEqual([])
  })

  it('takes no output that the provider did not sign', async () => {
    market.misbehave.swapsOutput = true
    expect(await failureOf((await open()).run(job()))).toMatchObject({ code: 'bad-result' })
    expect(market.requests.some((request) => request.endsWith('/close'))).toBe(false)
  })

  it("takes no result of another job, be it the same provider's", async () => {
    const millrace = await open()
    await millrace.run({ ...job(), stdin: 'another' })
    market.misbehave.mixesUp = true
    expect(await failureOf(millrace.run(job()))).toMatchObject({ code: 'bad-result' })
  })

  it('takes no result out of a lease that is not on chain', async () => {
    market.misbehave.inventsLeases = true
    expect(await failureOf((await open()).run(job()))).toMatchObject({ code: 'false-lease' })
  })

  it('contests a lie that it was asked to check for, with the bond on chain', async () => {
    market.misbehave.lies = true
    const millrace = await open({ verify: true })
    const phases: Phase[] = []
    const wrong = await failureOf(millrace.run({ ...job(), onPhase: (phase) => phases.push(phase) }))
    expect(wrong).toBeInstanceOf(WrongResultError)
    expect((wrong as WrongResultError).facts.caseId).toMatch(/^0x[0-9a-f]{64}$/)
    expect(phases.at(-1)).toMatchObject({ phase: 'challenged', facts: { bond: 10n } })
    expect(await failureOf(getDispute(millrace.client, { caseId: '0x12' }))).toMatchObject({ status: 404 })
  })
})

describe('lease', () => {
  it('contests a lie with the ticket that it signed', async () => {
    market.misbehave.lies = true
    const held = await (await open({ verify: true })).lease(lease())
    const wrong = await failureOf(held.run({ stdin: 'x' }))
    expect((wrong as WrongResultError).facts.caseId).toMatch(/^0x[0-9a-f]{64}$/)
    market.misbehave.neverCloses = true
    expect(await held.close({ timeout: 50 })).toMatchObject({ settled: false })
  })

  const lease = () => ({ program, jobs: 50, fuel: GIGA / 10n })

  it('runs many jobs of one program, pays by voucher and closes', async () => {
    const millrace = await open()
    const before = await millrace.funds()
    const held = await millrace.lease(lease())
    const names = Array.from({ length: 20 }, (_, i) => `job ${i}`)
    const done = await Promise.all(names.map((stdin) => held.run({ stdin })))
    expect(done.map(({ stdout }) => stdout)).toEqual(names)
    const owed = held.terms.retainer + done.reduce((sum, one) => sum + one.owed, 0n)
    expect(held.owed).toBe(owed)

    const end = await held.close()
    expect(end).toEqual({ paid: owed, settled: true })
    expect(market.vouchers.get(held.id)!.at(-1)).toBe(owed)
    const after = await millrace.funds()
    expect(before.free - after.free).toBe(owed)
    expect(after.locked).toBe(before.locked)
    // Inputs went along with their tickets, and one stream told everything.
    expect(market.requests.filter((request) => /PUT .*kind=data/.test(request))).toEqual([])
    expect(market.requests.filter((request) => request.startsWith('GET /v1/events'))).toHaveLength(1)
  })

  it('promises no more fuel than it has', async () => {
    const held = await (await open()).lease({ ...lease(), jobs: 2 })
    const jobs = [1, 2, 3].map((stdin) => failureOf(held.run({ stdin: String(stdin) })))
    expect((await Promise.all(jobs)).map((error) => (error as { code?: string } | undefined)?.code)).toEqual([
      undefined,
      undefined,
      'lease-exhausted',
    ])
    // What the two did not use is there again.
    expect(held.left).toBeGreaterThan(0n)
    await held.close()
  })

  it('is let go where the provider does not sign its end', async () => {
    market.misbehave.neverCloses = true
    const held = await (await open()).lease(lease())
    const { owed } = await held.run({ stdin: 'x' })
    const end = await held.close({ timeout: 50 })
    expect(end).toEqual({ paid: held.terms.retainer + owed, settled: false })
  })
})
