/** A node that hangs, lags, or lies about its chain: what the matcher has is not lost for it. */
import { buildProgram, commit } from '@millrace/machine'
import type { HDAccount } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Matcher, startMatcher } from '../src/index.ts'
import { Api } from './support/api.ts'
import { anotherChain, type LyingNode, oldHead, startLyingNode, wrongHash } from './support/lyingNode.ts'
import { startMarket, type TestMarket } from './support/market.ts'
import { INPUT, makeAsk, makeBid, makeJob, PROGRAM } from './support/traders.ts'

/** Looks at the chain in which a matcher that believed too much would have shown it. */
const LOOKS = 5

describe('a matcher whose node cannot be trusted', () => {
  let market: TestMarket
  let node: LyingNode
  let matcher: Matcher
  let api: Api
  let tasker: HDAccount
  const programRoot = buildProgram(PROGRAM).root

  beforeAll(async () => {
    market = await startMarket()
    node = await startLyingNode(market.rpc)
    tasker = await market.person(10)
    const provider = await market.person(11)
    matcher = await startMatcher(await market.config({ rpcUrl: node.url, rpcTimeoutMs: 500 }))
    api = new Api(matcher.url)
    await api.putBlob(market, tasker, programRoot, 'program', PROGRAM)
    await api.putBlob(market, tasker, commit(INPUT), 'data', INPUT)
    await api.post('/v1/asks', (await makeAsk(market, provider)).body)
  }, 60_000)
  afterAll(async () => {
    node?.lie()
    await matcher?.stop()
    await node?.stop()
    await market?.stop()
  })

  const post = async () =>
    api.post('/v1/bids', (await makeBid(market, tasker, { job: makeJob(programRoot) })).body)
  /** A job whose lease the chain has just opened. */
  const open = async (): Promise<{ job: string; lease: string }> => {
    const { json } = await post()
    const events = await api.listen(`order=${json.digest}`, '0')
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
    expect(await post()).toMatchObject({ status: 503, json: { code: 'chain-unavailable', retryable: true } })
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
