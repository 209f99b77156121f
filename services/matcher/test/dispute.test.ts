import { type Call, challengeCall, ruleCall } from '@millrace/sdk'
import { jobViewSchema, leaseViewSchema } from '@millrace/sdk/api'
import type { HDAccount, Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ARBITER } from './support/market.ts'
import { PROGRAM_ROOT, type Stage, startStage } from './support/stage.ts'
import { makeResult } from './support/traders.ts'

describe('a dispute', () => {
  let stage: Stage
  let arbiter: HDAccount

  beforeAll(async () => {
    stage = await startStage()
    arbiter = await stage.market.person(ARBITER)
  }, 60_000)
  afterAll(() => stage?.stop())

  const send = (account: HDAccount, { to, data }: Call) =>
    stage.market.wallet(account).sendTransaction({ account, chain: null, to, data })

  /** A job with a result that the tasker challenges. */
  const challenged = async () => {
    const { market, api, tasker, provider } = stage
    const { events } = await stage.bid()
    const queued = jobViewSchema.parse((await events.type('job.queued')).data)
    const posted = await api.post(
      `/v1/jobs/${queued.id}/result`,
      await makeResult(market, provider, queued.ticket),
    )
    const { result } = jobViewSchema.parse(posted.json)
    const { terms, scheme } = leaseViewSchema.parse((await api.get(`/v1/leases/${queued.lease}`)).json)
    const evidence = {
      ticket: queued.ticket,
      ticketSignature: '0x' as Hex,
      result: result!.result,
      resultSignature: result!.signature,
    }
    await send(tasker, challengeCall({ disputes: market.contracts.disputes, terms, scheme, evidence }))
    const opened = await events.type('dispute.opened')
    return { events, job: queued.id, lease: queued.lease, opened: opened.data }
  }

  const rule = (caseId: Hex, verdict: 'guilty' | 'clean') => {
    const { arbiterScheme, disputes } = stage.market.contracts
    return send(arbiter, ruleCall({ arbiterScheme, receiver: disputes, caseId, verdict, reason: '0x' }))
  }

  it('shows the case with its evidence to its arbiter, and applies the verdict', async () => {
    const { api, tasker } = stage
    const { events, job, lease, opened } = await challenged()
    const query = `arbiter=${arbiter.address}&state=open`
    const { json: listed } = await api.get(`/v1/disputes?${query}`)
    expect(listed.disputes).toHaveLength(1)
    expect(listed.disputes[0]).toMatchObject({
      id: opened.id,
      lease,
      index: 0,
      challenger: tasker.address.toLowerCase(),
      job: { programRoot: PROGRAM_ROOT },
      evidence: { ticket: { lease }, signatures: { result: expect.stringMatching(/^0x/) } },
    })
    expect((await api.get(`/v1/jobs/${job}`)).json.state).toBe('disputed')

    await rule(opened.id, 'guilty')
    expect((await events.type('dispute.ruled')).data.verdict.guilty).toBe(true)
    // Nobody else settles: the keeper does.
    await events.type('lease.slashed')
    expect((await api.get(`/v1/jobs/${job}`)).json).toMatchObject({
      state: 'slashed',
      reason: 'wrong-result',
    })
    expect((await api.get(`/v1/disputes/${opened.id}`)).json.state).toBe('guilty')
    expect((await api.get(`/v1/disputes?${query}`)).json.disputes).toEqual([])
    events.stop()
  })

  it('ends by itself when the arbiter is silent, and so does its lease', async () => {
    const { market, api } = stage
    const { events, job, lease, opened } = await challenged()
    // The bid's dispute limit and its end with the window.
    await market.chain.increaseTime({ seconds: 601 })
    await market.chain.mine({ blocks: 1 })
    await events.type('dispute.timedout')
    expect((await api.get(`/v1/disputes/${opened.id}`)).json.state).toBe('timed-out')
    await market.chain.increaseTime({ seconds: 1_900 })
    await market.chain.mine({ blocks: 1 })
    await events.type('lease.unclaimed')
    await market.chain.increaseTime({ seconds: 700 })
    await market.chain.mine({ blocks: 1 })
    const final = await events.type('lease.final')
    expect(final).toMatchObject({ lease, data: { paid: '0' } })
    expect((await api.get(`/v1/jobs/${job}`)).json).toMatchObject({
      state: 'expired',
      reason: 'dispute-timed-out',
    })
    events.stop()
  }, 60_000)
})
