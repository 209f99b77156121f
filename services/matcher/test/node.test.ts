/** A node that hangs, lags, or lies about its chain: what the matcher has is not lost for it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMatcher } from '../src/index.ts'
import type { Api } from './support/api.ts'
import { anotherChain, type LyingNode, oldHead, startLyingNode, wrongHash } from './support/lyingNode.ts'
import type { TestMarket } from './support/market.ts'
import { type Stage, startStage } from './support/stage.ts'
import { makeBid } from './support/traders.ts'

/** Looks at the chain in which a matcher that believed too much would have shown it. */
const LOOKS = 5

describe('a matcher whose node cannot be trusted', () => {
  let stage: Stage
  let market: TestMarket
  let api: Api
  let node: LyingNode

  beforeAll(async () => {
    stage = await startStage(async ({ rpc }) => {
      node = await startLyingNode(rpc)
      return { rpcUrl: node.url, rpcTimeoutMs: 500 }
    })
    ;({ market, api } = stage)
  }, 60_000)
  afterAll(async () => {
    node?.lie()
    await stage?.stop()
    await node?.stop()
  })

  /** A job whose lease the chain has just opened. */
  const open = async (): Promise<{ job: string; lease: string }> => {
    const { events } = await stage.bid()
    const { job, lease } = await events.type('job.queued')
    events.stop()
    return { job: job!, lease: lease! }
  }
  const newest = () => market.client.request({ method: 'eth_getBlockByNumber', params: ['latest', false] })
  const stands = async ({ job, lease }: { job: string; lease: string }) => {
    expect((await api.get(`/v1/leases/${lease}`)).status).toBe(200)
    expect((await api.get(`/v1/jobs/${job}`)).status).toBe(200)
  }

  it('that is behind: takes back nothing that was read', async () => {
    const before = await newest()
    const opened = await open()
    node.lie(oldHead(before))
    await node.asked(LOOKS)
    await stands(opened)
    node.lie()
    await stands(await open())
  })

  it('that is on another chain: takes orders no more, loses nothing, and goes on with the right one', async () => {
    const opened = await open()
    node.lie(anotherChain)
    await expect
      .poll(() => api.get('/readyz'))
      .toMatchObject({ status: 503, json: { parts: { chain: false } } })
    await node.asked(LOOKS)
    const { body } = await makeBid(market, stage.tasker)
    expect(await api.post('/v1/bids', body)).toMatchObject({
      status: 503,
      json: { code: 'chain-unavailable', retryable: true },
    })
    await stands(opened)
    node.lie()
    await expect.poll(() => api.get('/readyz')).toMatchObject({ status: 200 })
    await stands(opened)
    await stands(await open())
  })

  it('that gives its newest block a wrong hash: has the right one when it is honest again', async () => {
    const opened = await open()
    node.lie(wrongHash)
    await market.chain.mine({ blocks: 2 })
    await node.asked(LOOKS)
    node.lie()
    await market.chain.mine({ blocks: 1 })
    await expect.poll(() => api.get('/readyz')).toMatchObject({ status: 200 })
    await expect.poll(() => api.get(`/v1/jobs/${opened.job}`)).toMatchObject({ status: 200 })
    await stands(opened)
    await stands(await open())
  })

  it('that hangs: says so, and goes on by itself', async () => {
    const opened = await open()
    node.hang()
    await expect
      .poll(() => api.get('/readyz'), { timeout: 20_000 })
      .toMatchObject({ status: 503, json: { parts: { chain: false } } })
    await stands(opened)
    node.lie()
    await expect.poll(() => api.get('/readyz'), { timeout: 20_000 }).toMatchObject({ status: 200 })
    await stands(await open())
  }, 60_000)

  it('that has no such contracts: does not start', async () => {
    node.lie(anotherChain)
    const config = await market.config({ rpcUrl: node.url })
    await expect(startMatcher(config)).rejects.toMatchObject({
      code: 'no-contracts',
      facts: { chainId: 1 },
    })
    node.lie()
  })
})
