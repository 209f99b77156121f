/** Disputes that nobody judges: real games over a real lie, as the matcher shows them move by move. */
import { readFileSync } from 'node:fs'
import { buildProgram, commit, MACHINE_VERSION } from '@millrace/machine'
import { type Tamper, Trace } from '@millrace/machine/steps'
import {
  type Call,
  challengeCall,
  type DisputeView,
  decide,
  defendGameCall,
  type GameView,
  gameOf,
  inputBytes,
  localTracer,
  proveStepCall,
  type Side,
  splitGameCall,
  type Tracer,
} from '@millrace/sdk'
import { proofSchemeAbi } from '@millrace/sdk/abi'
import { disputeViewSchema, jobViewSchema, leaseViewSchema } from '@millrace/sdk/api'
import { type Address, encodeFunctionData, type HDAccount, type Hex, zeroAddress } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EventLog } from './support/api.ts'
import { type Stage, startStage } from './support/stage.ts'
import { makeJob, makeResult } from './support/traders.ts'

const PROGRAM = readFileSync(new URL('../../../examples/hello/hello.wasm', import.meta.url))
const INPUT = inputBytes({ name: 'hello' })
const { root, canonical } = buildProgram(PROGRAM)
const LIMITS = { fuel: 1_000_000n, outputMax: 4_096 }
const GIVEN = { program: PROGRAM, input: INPUT, ...LIMITS }

describe('a dispute that is decided by proof', () => {
  let stage: Stage
  let watcher: HDAccount
  let sides: Record<Side, { account: HDAccount; tracer: Tracer }>
  let output: Uint8Array

  beforeAll(async () => {
    stage = await startStage(async (market) => {
      const leaf = { scheme: market.contracts.proofScheme.toLowerCase() as Address, arbiter: zeroAddress }
      market.scheme = { ...market.scheme, ...leaf, machineVersion: MACHINE_VERSION }
      return { schemes: [{ ...market.scheme, arbiterFee: market.scheme.arbiterFee.toString() }] }
    })
    const { market, api, tasker, provider } = stage
    watcher = await market.person(12)
    await api.putBlob(market, tasker, root, 'program', PROGRAM)
    await api.putBlob(market, tasker, commit(INPUT), 'data', INPUT)
    const lie = await findLie()
    output = lie.output
    sides = {
      provider: { account: provider, tracer: await localTracer({ ...GIVEN, tamper: lie.tamper }) },
      challenger: { account: watcher, tracer: await localTracer(GIVEN) },
    }
  }, 60_000)
  afterAll(() => stage?.stop())

  const send = async ({ to, data }: Pick<Call, 'to' | 'data'>, account: HDAccount): Promise<void> => {
    const { wallet, client } = stage.market
    const hash = await wallet(account).sendTransaction({ account, chain: null, to, data })
    expect((await client.waitForTransactionReceipt({ hash })).status).toBe('success')
  }

  /** A job of which the liar's run is the result, and what challenges it. */
  const lied = async (): Promise<{ events: EventLog; job: Hex; call: Call }> => {
    const { market, api, provider } = stage
    const { status, fuelUsed } = await sides.provider.tracer.ending()
    const { events } = await stage.bid({ job: makeJob(root, { ...LIMITS, input: commit(INPUT) }) })
    const queued = jobViewSchema.parse((await events.type('job.queued')).data)
    const submission = await makeResult(market, provider, queued.ticket, { status, fuelUsed, output })
    const { json } = await api.post(`/v1/jobs/${queued.id}/result`, submission)
    const { result, signature } = jobViewSchema.parse(json).result!
    const { terms, scheme } = leaseViewSchema.parse((await api.get(`/v1/leases/${queued.lease}`)).json)
    const evidence = {
      ...{ ticket: queued.ticket, ticketSignature: '0x' as Hex },
      ...{ result, resultSignature: signature },
    }
    const { disputes } = market.contracts
    return { events, job: queued.id, call: challengeCall({ disputes, terms, scheme, evidence }) }
  }

  const shown = async (caseId: Hex): Promise<DisputeView> =>
    disputeViewSchema.parse((await stage.api.get(`/v1/disputes/${caseId}`)).json)

  /** Whose turn it is moves, by nothing but what the matcher shows. */
  const move = async ({ game }: DisputeView): Promise<void> => {
    const view = game as GameView
    const { account, tracer } = sides[view.turn]
    const { timestamp } = await stage.market.client.getBlock()
    const action = await decide(view, view.turn, tracer, timestamp)
    const { proofScheme, disputes } = stage.market.contracts
    const common = { proofScheme, game: gameOf(view), receiver: disputes, caseId: view.caseId }
    if (action.do === 'defend') return send(defendGameCall({ ...common, ...action }), account)
    if (action.do === 'split') return send(splitGameCall({ ...common, ...action }), account)
    if (action.do === 'prove') return send(proveStepCall({ ...common, ...action }), account)
    throw new Error(`the ${view.turn} would ${action.do}`)
  }

  const moved = (events: EventLog, count: number) =>
    events.until(({ type, data }) => type === 'dispute.moved' && data.game.moves.length === count)

  it('is shown move by move, and settled once it is proven', async () => {
    const { events, job, call } = await lied()
    await send(call, watcher)
    const { data } = await events.type('dispute.opened')
    const opened = await shown(data.id)
    expect(opened).toMatchObject({
      state: 'open',
      job: { programRoot: root, ...LIMITS },
      provider: stage.provider.address.toLowerCase(),
      challenger: watcher.address.toLowerCase(),
      scheme: { arbiter: zeroAddress },
      game: { state: 'defend', turn: 'provider', moves: [], contested: { programRoot: root } },
      evidence: { signatures: {} },
    })
    for (let count = 1, view = opened; view.game!.state !== 'prove'; count++) {
      await move(view)
      await moved(events, count)
      view = await shown(data.id)
      expect(view.game!.moves).toHaveLength(count)
    }
    const last = await shown(data.id)
    // 4,344 steps: the provider's 32 × 1,024, then 32 × 32 by the watcher, and the provider's single ones.
    expect(last.game!.moves.map(({ by, kind, level }) => [by, kind, level])).toEqual([
      ['provider', 'defend', 2],
      ['challenger', 'split', 1],
      ['provider', 'split', 0],
    ])
    expect(last.game).toMatchObject({ turn: 'challenger', level: 0 })

    await move(last)
    const ruled = await events.type('dispute.ruled')
    expect(ruled.data).toMatchObject({
      verdict: { guilty: true },
      game: { state: 'ended', loser: 'provider', proven: true },
    })
    // Nobody else settles: the keeper does.
    await events.type('lease.slashed')
    expect((await stage.api.get(`/v1/jobs/${job}`)).json).toMatchObject({ state: 'slashed' })
    expect(await shown(data.id)).toMatchObject({ state: 'guilty' })
    events.stop()
  })

  it('takes a move back that a reorganisation took', async () => {
    const { events, call } = await lied()
    await send(call, watcher)
    const { data } = await events.type('dispute.opened')
    await move(await shown(data.id))
    await moved(events, 1)
    const defended = await shown(data.id)

    const { chain } = stage.market
    const snapshot = await chain.snapshot()
    await move(defended)
    await moved(events, 2)
    await chain.revert({ id: snapshot })
    await chain.mine({ blocks: 3 })
    await expect.poll(() => shown(data.id), { timeout: 15_000 }).toEqual(defended)

    // The same move in another block is a move all the same.
    await move(defended)
    await expect.poll(async () => (await shown(data.id)).game?.moves.length, { timeout: 15_000 }).toBe(2)
    expect((await shown(data.id)).game?.moves[0]).toEqual(defended.game?.moves[0])
    events.stop()
  })

  it('is told from games that others play in the same contract', async () => {
    const { events, call } = await lied()
    await send(call, watcher)
    const { data } = await events.type('dispute.opened')
    const before = await shown(data.id)
    const { proofScheme } = stage.market.contracts
    // Anyone may open a case there, for a receiver of its own: of the same id, say.
    const { job, result, scheme, lease, index, provider, challenger } = before
    const facts = {
      id: data.id,
      lease,
      index,
      job: { ...job, deadline: Number(job.deadline) },
      result,
      scheme,
    }
    const foreign = encodeFunctionData({
      abi: proofSchemeAbi,
      functionName: 'open',
      args: [
        {
          ...{ ...facts, provider, challenger, providerKey: provider, others: 0 },
          ruleBy: Number(before.ruleBy),
        },
      ],
    })
    await send({ to: proofScheme, data: foreign }, stage.tasker)
    const block = await stage.market.client.getBlockNumber()
    await expect
      .poll(async () => BigInt((await stage.api.get('/v1/market')).json.block), { timeout: 15_000 })
      .toBeGreaterThanOrEqual(block)
    expect(await shown(data.id)).toEqual(before)
    events.stop()
  })
})

/** A run that comes out otherwise, with what it wrote. */
async function findLie(): Promise<{ tamper: Tamper; output: Uint8Array }> {
  const honest = await localTracer(GIVEN)
  const truth = await honest.ending()
  for (let seed = 1; ; seed++) {
    const tamper: Tamper = { step: 2_000n, field: 'stack', seed }
    const trace = await Trace.open({ program: canonical, input: INPUT, limits: LIMITS, tamper })
    const output = await trace.output()
    const { status } = await trace.ending()
    if (status === truth.status && commit(output) !== truth.output) return { tamper, output }
  }
}
