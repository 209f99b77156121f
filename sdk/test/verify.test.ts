/** Jobs of a tasker that runs them again, in leases whose disputes are decided by proof. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { deposit } from '../src/actions/deposit.ts'
import { getJob } from '../src/actions/jobs.ts'
import { getLease } from '../src/actions/leases.ts'
import { challenge, mint } from '../src/actions/transactions.ts'
import type { TracerOpener } from '../src/client/client.ts'
import { WrongResultError } from '../src/errors/client.ts'
import {
  ArbiterOfProofError,
  LimitsExceedClockError,
  OtherMachineError,
  UnprovableError,
} from '../src/errors/proof.ts'
import { type ConnectOptions, connect } from '../src/millrace/connect.ts'
import { inputBytes } from '../src/millrace/input.ts'
import type { Phase } from '../src/millrace/phase.ts'
import { localTracer } from '../src/proof/localTracer.ts'
import { playGame } from '../src/proof/playGame.ts'
import { readGame } from '../src/proof/readGame.ts'
import { START_TIMEOUT, startChain, type TestChain } from './chain.ts'
import { CHALLENGER, PROVIDER, SHORT, TASKER, withProofs } from './games.ts'
import { startMarket, type TestMarket } from './market.ts'
import { GIGA } from './orders.ts'

const WEALTH = 10n ** 12n
const TIMEOUT = 120_000
const TAMPER = { step: 3_456n, field: 'output', seed: 1 } as const

let chain: TestChain
let market: TestMarket

beforeAll(async () => {
  chain = withProofs(await startChain())
  const { token } = chain.contracts
  for (const index of [TASKER, PROVIDER]) {
    const client = chain.client(index)
    await mint(client, { token, to: chain.account(index).address, amount: 2n * WEALTH })
    await deposit(client, { token, amount: WEALTH })
  }
}, START_TIMEOUT)
beforeEach(async () => {
  await market?.close()
  market = await startMarket(chain)
})
afterAll(async () => {
  await market?.close()
  await chain?.close()
})

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )
const open = (options: Partial<ConnectOptions> = {}) =>
  connect({
    ...{ matcher: market.url, account: chain.account(TASKER), transport: chain.transport },
    ...{ pollingInterval: 5, verify: 'rerun', ...options },
  })
const job = { program: SHORT, fuel: GIGA / 100n }

describe("verify: 'rerun'", { timeout: TIMEOUT }, () => {
  it('plays the game to its end, and says how it ended', async () => {
    market.misbehave.tamper = TAMPER
    const phases: Phase[] = []
    const games: Promise<unknown>[] = []
    const onPhase = (phase: Phase) => {
      phases.push(phase)
      if (phase.phase === 'challenged') games.push(defend(phase.facts.caseId as `0x${string}`))
    }
    const millrace = await open({ deposit: 'auto' })
    const before = await millrace.funds()
    const error = await failureOf(millrace.run({ ...job, onPhase }))
    await Promise.all(games)
    expect(error).toBeInstanceOf(WrongResultError)
    expect(error).toMatchObject({
      code: 'wrong-result',
      facts: { verdict: 'guilty', proven: true, step: TAMPER.step - 1n },
    })
    const told = phases.map(({ phase }) => phase)
    expect(told.slice(told.indexOf('challenged'))).toEqual([
      ...['challenged', 'moved', 'moved', 'moved', 'moved', 'ruled'],
    ])
    const moves = phases.filter(({ phase }) => phase === 'moved')
    expect(moves.map(({ facts }) => `${facts.by} ${facts.kind}`)).toEqual([
      ...['provider defend', 'challenger split', 'provider split', 'challenger prove'],
    ])
    expect(moves.every(({ tx, gas }) => tx && gas! > 0n)).toBe(true)
    const after = await millrace.funds()
    expect(after.free).toBeGreaterThan(before.free)
    expect(after.locked).toBe(before.locked)
  })

  /** The provider plays the run that it signed. */
  async function defend(caseId: `0x${string}`) {
    const client = chain.client(PROVIDER)
    const { contested } = await readGame(client, { caseId })
    const { fuel, outputMax } = contested
    const tracer = await localTracer({
      ...{ program: SHORT, input: inputBytes({}), fuel, outputMax, tamper: TAMPER },
    })
    return playGame(client, { caseId, side: 'provider', tracer })
  }

  it('wins by the clock where the provider has nothing to show', async () => {
    market.misbehave.lies = true
    const phases: string[] = []
    const onPhase = ({ phase, facts }: Phase) => {
      phases.push(phase)
      if (phase !== 'challenged') return
      const caseId = facts.caseId as `0x${string}`
      void readGame(chain.client(PROVIDER), { caseId }).then(({ deadline }) => chain.warp(deadline))
    }
    const error = await failureOf((await open({ verify: true })).run({ ...job, onPhase }))
    expect(error).toMatchObject({ facts: { verdict: 'guilty', proven: false } })
    expect(phases.slice(-3)).toEqual(['challenged', 'moved', 'ruled'])
  })

  it('leaves it to somebody else who was first', async () => {
    market.misbehave.tamper = TAMPER
    const phases: Phase[] = []
    const games: Promise<unknown>[] = []
    const rival = Promise.withResolvers<void>()
    const onPhase = (phase: Phase) => {
      phases.push(phase)
      if (phase.phase === 'finished')
        challengeFirst(phase.facts.job as `0x${string}`).then(rival.resolve, rival.reject)
      if (phase.phase === 'contested') games.push(...plays.splice(0).map((play) => play()))
    }
    const plays: (() => Promise<unknown>)[] = []
    const challengeFirst = async (job: `0x${string}`) => {
      const client = chain.client(CHALLENGER)
      const { ticket, result, lease } = await getJob(millrace.client, { job })
      const { terms, scheme } = await getLease(millrace.client, { lease })
      await mint(client, { token: terms.token, to: chain.account(CHALLENGER).address, amount: WEALTH })
      await deposit(client, { token: terms.token, amount: WEALTH })
      const evidence = {
        ...{ ticket, ticketSignature: '0x' as const },
        ...{ result: result!.result, resultSignature: result!.signature },
      }
      const { caseId } = await challenge(client, { terms, scheme, evidence })
      const { fuel, outputMax } = ticket.job
      const tracer = await localTracer({ program: SHORT, input: inputBytes({}), fuel, outputMax })
      const known = { terms, scheme, job: ticket.job, result: result!.result }
      plays.push(
        () => defend(caseId),
        () => playGame(client, { caseId, side: 'challenger', tracer, known }),
      )
    }
    const late: TracerOpener = async (job) => {
      await rival.promise
      return localTracer(job)
    }
    const millrace = await open({ tracer: late })
    const before = await millrace.funds()
    const error = await failureOf(millrace.run({ ...job, onPhase }))
    await Promise.all(games)
    expect(error).toBeInstanceOf(WrongResultError)
    expect(error).toMatchObject({ facts: { verdict: 'guilty' } })
    expect((error as WrongResultError).facts).not.toHaveProperty('caseId')
    const told = phases.map(({ phase }) => phase)
    expect(told.slice(-1)).toEqual(['contested'])
    const after = await millrace.funds()
    expect(after.free).toBeGreaterThan(before.free)
    expect(after.locked).toBe(before.locked)
  })

  it('puts no bond up for what the step machine cannot run, or finds right', async () => {
    market.misbehave.tamper = TAMPER
    const phases: string[] = []
    const onPhase = ({ phase }: Phase) => void phases.push(phase)
    const agrees: TracerOpener = (job) => localTracer({ ...job, tamper: TAMPER })
    const first = await failureOf((await open({ tracer: agrees })).run({ ...job, onPhase }))
    expect(first).toBeInstanceOf(UnprovableError)
    const fails: TracerOpener = async (job) => ({
      ...(await localTracer(job)),
      ending: () => Promise.reject(new Error('no memory')),
    })
    const second = await failureOf((await open({ tracer: fails })).run({ ...job, onPhase }))
    expect(second).toBeInstanceOf(WrongResultError)
    expect(second).toMatchObject({ cause: { message: 'no memory' } })
    expect((second as WrongResultError).facts).not.toHaveProperty('caseId')
    expect(phases).not.toContain('challenged')
  })

  it('is content with a result that is right', async () => {
    const done = await (await open()).run(job)
    expect(done.status).toBe('exited')
  })
})

describe('nothing is signed that could not be proven', { timeout: TIMEOUT }, () => {
  it('where a job may be too large for the clock', async () => {
    const refusal = await failureOf((await open()).run({ ...job, disputeLimit: 300 }))
    expect(refusal).toBeInstanceOf(LimitsExceedClockError)
    expect(refusal).toMatchObject({ facts: { disputeLimit: 300n, maxFuel: GIGA / 100n } })
    expect(market.requests).not.toContain('POST /v1/bids')
  })

  it('where the leaf pays an arbiter, though nobody rules', async () => {
    await market.close()
    market = await startMarket({ ...chain, scheme: { ...chain.scheme, arbiter: chain.contracts.token } })
    expect(await failureOf((await open()).run(job))).toBeInstanceOf(ArbiterOfProofError)
    expect(market.requests).not.toContain('POST /v1/bids')
  })

  it('where the leaf is about another machine', async () => {
    await market.close()
    market = await startMarket({ ...chain, scheme: { ...chain.scheme, machineVersion: 99 } })
    expect(await failureOf((await open()).run(job))).toBeInstanceOf(OtherMachineError)
    expect(market.requests).not.toContain('POST /v1/bids')
  })
})
