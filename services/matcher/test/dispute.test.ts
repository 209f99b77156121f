import { buildProgram, commit } from '@millrace/machine'
import { type Call, challengeCall, ruleCall } from '@millrace/sdk'
import { jobViewSchema, leaseViewSchema } from '@millrace/sdk/api'
import type { HDAccount, Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Matcher, startMatcher } from '../src/index.ts'
import { Api } from './support/api.ts'
import { ARBITER, startMarket, type TestMarket } from './support/market.ts'
import { INPUT, makeAsk, makeBid, makeJob, makeResult, PROGRAM } from './support/traders.ts'

describe('a dispute', () => {
  let market: TestMarket
  let matcher: Matcher
  let api: Api
  let tasker: HDAccount
  let provider: HDAccount
  let arbiter: HDAccount
  const programRoot = buildProgram(PROGRAM).root

  beforeAll(async () => {
    market = await startMarket()
    ;[tasker, provider] = [await market.person(10), await market.person(11)]
    arbiter = await market.person(ARBITER)
    matcher = await startMatcher(await market.config())
    api = new Api(matcher.url)
    await api.putBlob(market, tasker, programRoot, 'program', PROGRAM)
    await api.putBlob(market, tasker, commit(INPUT), 'data', INPUT)
    await api.post('/v1/asks', (await makeAsk(market, provider)).body)
  }, 60_000)
  afterAll(async () => {
    await matcher?.stop()
    await market?.stop()
  })

  const send = (account: HDAccount, { to, data }: Call) =>
    market.wallet(account).sendTransaction({ account, chain: null, to, data })

  /** A job with a result that the tasker challenges. */
  const challenged = async () => {
    const { body } = await makeBid(market, tasker, { job: makeJob(programRoot) })
    const { json } = await api.post('/v1/bids', body)
    const events = await api.listen(`order=${json.digest}`, '0')
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
    const { arbiterScheme, disputes } = market.contracts
    return send(arbiter, ruleCall({ arbiterScheme, receiver: disputes, caseId, verdict, reason: '0x' }))
  }

  it('shows the case with its evidence to its arbiter, and applies the verdict', async () => {
    const { events, job, lease, opened } = await challenged()
    const query = `arbiter=${arbiter.address}&state=open`
    const { json: listed } = await api.get(`/v1/disputes?${query}`)
    expect(listed.disputes).toHaveLength(1)
    expect(listed.disputes[0]).toMatchObject({
      id: opened.id,
      lease,
      index: 0,
      challenger: tasker.address.toLowerCase(),
      job: { programRoot },
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
