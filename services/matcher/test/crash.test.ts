import { buildProgram, commit } from '@millrace/machine'
import { leasesAbi } from '@millrace/sdk/abi'
import type { HDAccount, Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { developmentAccount } from '../../../scripts/stack/development-accounts.ts'
import type { FaultPoint } from '../src/fault.ts'
import type { MatcherConfig } from '../src/index.ts'
import { Api } from './support/api.ts'
import { HOT, startMarket, type TestMarket } from './support/market.ts'
import { type MatcherProcess, spawnMatcher } from './support/process.ts'
import { INPUT, makeAsk, makeBid, makeJob, PROGRAM } from './support/traders.ts'

describe('a matcher that is killed', () => {
  let market: TestMarket
  let config: MatcherConfig
  let tasker: HDAccount
  let running: MatcherProcess | undefined
  const programRoot = buildProgram(PROGRAM).root

  beforeAll(async () => {
    market = await startMarket()
    tasker = await market.person(10)
    const provider = await market.person(11)
    // So that a transaction is as deep as it must be without another block.
    config = await market.config({ settledBlocks: 0 })
    running = await spawnMatcher(config, 'confirmed')
    const api = new Api(running.url)
    await api.putBlob(market, tasker, programRoot, 'program', PROGRAM)
    await api.putBlob(market, tasker, commit(INPUT), 'data', INPUT)
    await api.post('/v1/asks', (await makeAsk(market, provider)).body)
  }, 60_000)
  afterAll(async () => {
    await running?.kill('SIGKILL')
    await market?.stop()
  })

  const openings = async (bid: Hex) => {
    const filter = { address: market.contracts.leases, abi: leasesAbi, eventName: 'Opened' } as const
    const logs = await market.client.getContractEvents({ ...filter, args: { bid }, fromBlock: 0n })
    return logs.length
  }

  const hotNonce = (blockTag: 'latest' | 'pending') =>
    market.client.getTransactionCount({ address: developmentAccount(HOT).address, blockTag })

  // Backwards: what the next process recovers lies behind the point at which it will die itself.
  const points: FaultPoint[] = ['confirmed', 'mined', 'sent', 'signed', 'intent', 'pair', 'accept']
  it.each(points)('at "%s" loses no order, opens one lease, leaves no hole in its nonces', async (point) => {
    const { body } = await makeBid(market, tasker, { job: makeJob(programRoot) })
    // At "accept" the answer never comes, and the client asks again, as it must.
    const first = await new Api(running!.url).post('/v1/bids', body).catch(() => undefined)
    expect(first?.status).toBe(point === 'accept' ? undefined : 201)
    expect(await running!.ended).toBe('SIGKILL')

    running = await spawnMatcher(config, points[points.indexOf(point) + 1])
    const api = new Api(running.url)
    const again = await api.post('/v1/bids', body)
    expect(again.status).toBe(200)
    const { digest } = again.json
    const events = await api.listen(`order=${digest}`, '0')
    const { lease, job } = await events.type('job.queued')
    events.stop()
    const { json: order } = await api.get(`/v1/orders/${digest}`)
    expect(order).toMatchObject({ status: 'filled', leases: [lease], jobs: [job] })
    expect(await openings(digest)).toBe(1)
    expect(await hotNonce('pending')).toBe(await hotNonce('latest'))
    expect(await hotNonce('latest')).toBe(points.indexOf(point) + 1)
  })
})
