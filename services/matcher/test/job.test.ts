import { commit } from '@millrace/machine'
import { amountOf, verifyDelivered } from '@millrace/sdk'
import type { Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROGRAM_ROOT, type Stage, startStage } from './support/stage.ts'
import {
  makeAcceptance,
  makeBid,
  makeClose,
  makeJob,
  makeResult,
  makeTicket,
  makeVoucher,
  OUTPUT,
} from './support/traders.ts'

describe('a job', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage()
  }, 60_000)
  afterAll(() => stage?.stop())

  it('goes from a bid to its payment', async () => {
    const { market, api, tasker, provider } = stage
    // The chain's clock is not the wall's, and a timeline has but one.
    await market.chain.increaseTime({ seconds: 100 })
    await market.chain.mine({ blocks: 1 })
    const began = Date.now()
    const events = await api.listen(`account=${tasker.address}`)
    const { body } = await makeBid(market, tasker, { job: makeJob(PROGRAM_ROOT) })
    const bid = await api.post('/v1/bids', body)
    expect(bid).toMatchObject({ status: 201, json: { kind: 'bid', status: 'open' } })

    const queued = await events.type('job.queued')
    const { id, ticket, lease } = queued.data
    const decoded = { ...ticket, job: makeJob(PROGRAM_ROOT, { deadline: BigInt(ticket.job.deadline) }) }
    await api.post(`/v1/jobs/${id}/acceptance`, await makeAcceptance(market, provider, id))
    const owed = amountOf(1_000_000n, 1_000n, 1_000_000n)
    const result = await makeResult(market, provider, decoded, { owed })
    const answer = await api.post(`/v1/jobs/${id}/result`, result)
    expect(answer).toMatchObject({ status: 200, json: { state: 'result' } })

    const { data } = await events.type('job.result')
    expect(Buffer.from(data.result.output, 'base64')).toEqual(Buffer.from(OUTPUT))
    const { json: about } = await api.get('/v1/market')
    expect(
      verifyDelivered(
        about.matcher.store,
        market.domain,
        { ticket: id, output: commit(OUTPUT) },
        data.receipt,
      ),
    ).toBe(true)

    const close = { owed, until: BigInt(data.close.until), by: 'tasker' as const }
    expect(
      (await api.post(`/v1/leases/${lease}/close`, await makeClose(market, tasker, lease, close))).status,
    ).toBe(202)
    const paid = await events.type('job.paid')
    expect(paid.data).toMatchObject({ id, state: 'paid' })
    const { json: view } = await api.get(`/v1/leases/${lease}`)
    expect(view).toMatchObject({ state: 'closed', paid: owed.toString() })
    expect(view.txs.map((tx: { type: string }) => tx.type)).toEqual(['lease.opened', 'lease.closed'])
    expect((await api.get(`/v1/orders/${bid.json.digest}`)).json).toMatchObject({
      status: 'filled',
      leases: [lease],
      jobs: [id],
    })
    expect(data.timeline.map((step: { state: string }) => step.state)).toEqual([
      'queued',
      'queued',
      'accepted',
      'result',
    ])
    const { json: end } = await api.get(`/v1/jobs/${id}`)
    expect(end.timeline.at(-1).state).toBe('paid')
    for (const { at } of end.timeline) {
      expect(at).toBeGreaterThanOrEqual(began)
      expect(at).toBeLessThanOrEqual(Date.now())
    }
    events.stop()
  })

  it('runs within a longer lease by ticket, result and voucher', async () => {
    const { market, api, tasker, provider } = stage
    const events = await api.listen(`account=${tasker.address}`)
    const { body } = await makeBid(market, tasker, { fuel: 10_010_000_000n, minFuel: 1n })
    await api.post('/v1/bids', body)
    const { lease, data } = await events.type('lease.opened')
    expect(data).toMatchObject({ state: 'open', terms: { fuel: '10010000000' } })

    const input = new TextEncoder().encode('another input')
    const ticket = { lease: lease as Hex, index: 0, job: makeJob(PROGRAM_ROOT, { input: commit(input) }) }
    const submitted = await api.post(
      `/v1/leases/${lease}/tickets`,
      await makeTicket(market, tasker, ticket, input),
    )
    expect(submitted.status).toBe(202)
    const again = await api.post(
      `/v1/leases/${lease}/tickets`,
      await makeTicket(market, tasker, ticket, input),
    )
    expect(again).toMatchObject({ status: 202, json: { id: submitted.json.id } })

    const path = `/v1/jobs/${submitted.json.id}`
    const trapped = { ...(await makeResult(market, provider, ticket, { status: 1 })), trap: 'unreachable' }
    for (const trap of ['x'.repeat(201), '\u001b[2J']) {
      const refused = await api.post(`${path}/result`, { ...trapped, trap })
      expect(refused).toMatchObject({ status: 400, json: { code: 'invalid-request' } })
    }
    await api.post(`${path}/result`, trapped)
    const told = await events.type('job.result')
    expect(told).toMatchObject({ job: submitted.json.id, data: { result: { trap: 'unreachable' } } })
    expect((await api.get(path)).json.result).toMatchObject({ trap: 'unreachable', result: { status: 1 } })
    const voucher = await makeVoucher(market, tasker, lease, 1_001n)
    expect(await api.post(`/v1/leases/${lease}/voucher`, voucher)).toMatchObject({
      status: 200,
      json: { voucher },
    })
    const lower = await makeVoucher(market, tasker, lease, 1_000n)
    expect((await api.post(`/v1/leases/${lease}/voucher`, lower)).json.voucher).toEqual(voucher)
    events.stop()
  })
})
