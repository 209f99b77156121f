/** What is not the matcher's own: a chain that is reorganised, a Redis that is emptied or gone, a provider that vanishes. */
import { Redis } from 'ioredis'
import type { HDAccount } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRedis } from '../../../scripts/redis/index.ts'
import { startMatcher } from '../src/index.ts'
import { Api } from './support/api.ts'
import type { TestMarket } from './support/market.ts'
import { type Stage, startStage } from './support/stage.ts'
import { makeAsk, makeBid } from './support/traders.ts'

describe('a matcher among faults', () => {
  let stage: Stage
  let market: TestMarket
  let api: Api
  /** Asks for more than the stage's provider. */
  let dear: HDAccount

  beforeAll(async () => {
    stage = await startStage(async () => ({ reconcileMs: 1_000 }))
    ;({ market, api } = stage)
    dear = await market.person(12)
    await api.post('/v1/asks', (await makeAsk(market, dear, { price: 1_200_000n })).body)
  }, 60_000)
  afterAll(() => stage?.stop())

  it('opens a lease again that a reorganisation took, and forgets the one that is gone', async () => {
    const snapshot = await market.chain.snapshot()
    const { digest, events } = await stage.bid()
    const first = await events.type('job.queued')
    await market.chain.revert({ id: snapshot })
    // The same height, another hash and another time: so the lease that opens there has another name.
    await market.chain.increaseTime({ seconds: 2 })
    await market.chain.mine({ blocks: 2 })
    const second = await events.until(({ type, lease }) => type === 'job.queued' && lease !== first.lease)
    expect((await api.get(`/v1/leases/${first.lease}`)).status).toBe(404)
    expect((await api.get(`/v1/jobs/${first.job}`)).status).toBe(404)
    expect((await api.get(`/v1/orders/${digest}`)).json).toMatchObject({
      status: 'filled',
      leases: [second.lease],
      jobs: [second.job],
    })
    events.stop()
  })

  it('rebuilds its queues when Redis is emptied', async () => {
    const redis = new Redis(market.redis.url)
    await redis.flushall()
    const { events } = await stage.bid()
    await events.type('job.queued')
    await redis.flushall()
    await redis.quit()
    const again = await stage.bid()
    await again.events.type('job.queued')
    events.stop()
    again.events.stop()
  })

  it('matches a job again, with another provider, when the first one vanishes', async () => {
    const { digest, events } = await stage.bid({ attempts: 2, attemptTime: 60n })
    const first = await events.type('job.queued')
    expect(first.data.provider).toBe(stage.provider.address.toLowerCase())
    await market.chain.increaseTime({ seconds: 61 })
    await market.chain.mine({ blocks: 1 })
    await events.type('lease.unclaimed')
    const second = await events.until(({ type, job }) => type === 'job.queued' && job !== first.job)
    expect(second.data.provider).toBe(dear.address.toLowerCase())

    // Nor does the second one deliver: no attempt is left, and every lock ends.
    await market.chain.increaseTime({ seconds: 61 })
    await market.chain.mine({ blocks: 1 })
    await events.until(({ type, lease }) => type === 'lease.unclaimed' && lease === second.lease)
    await market.chain.increaseTime({ seconds: 700 })
    await market.chain.mine({ blocks: 1 })
    await events.until(({ type, lease }) => type === 'lease.final' && lease === first.lease)
    await events.until(({ type, lease }) => type === 'lease.final' && lease === second.lease)
    const { json } = await api.get(`/v1/orders/${digest}`)
    expect(json).toMatchObject({ status: 'filled', leases: [first.lease, second.lease] })
    const { json: job } = await api.get(`/v1/jobs/${second.job}`)
    expect(job).toMatchObject({ state: 'expired' })
    events.stop()
  }, 60_000)

  it('says 503 at once while Redis is gone, and goes on when it is back', async () => {
    const dir = `${market.folder}/own-redis`
    const redis = await startRedis({ dir, appendonly: false })
    const config = await market.config({ redisUrl: redis.url, hotKey: `0x${'77'.repeat(32)}` })
    const other = await startMatcher(config)
    const own = new Api(other.url)
    await redis.kill()
    const { body } = await makeBid(market, stage.tasker)
    await expect
      .poll(() => own.post('/v1/bids', body))
      .toMatchObject({
        status: 503,
        json: { code: 'redis-unavailable', retryable: true },
      })
    expect((await own.get('/readyz')).json.parts).toEqual({
      ...{ redis: false, database: true, chain: true, disk: true },
    })
    expect((await own.get('/v1/market')).status).toBe(200)

    const back = await startRedis({ dir, port: redis.port, appendonly: false })
    await expect.poll(() => own.get('/readyz'), { timeout: 10_000 }).toMatchObject({ status: 200 })
    expect((await own.post('/v1/bids', body)).status).toBe(201)
    await other.stop()
    await back.stop()
  }, 60_000)
})
