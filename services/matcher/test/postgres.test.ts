/** The matcher over a Postgres server, as replicas have it, and not over the one in its own process. */
import { buildProgram, commit } from '@millrace/machine'
import type { HDAccount } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Matcher, startMatcher } from '../src/index.ts'
import { Api } from './support/api.ts'
import { startMarket, type TestMarket } from './support/market.ts'
import { findPostgres, type PostgresServer, startPostgresServer } from './support/postgresServer.ts'
import { INPUT, makeAsk, makeBid, makeJob, PROGRAM } from './support/traders.ts'

const programs = findPostgres()
const reason = programs ? '' : ' (skipped: no Postgres server on this computer)'

describe.skipIf(!programs)(`a matcher over a Postgres server${reason}`, () => {
  let market: TestMarket
  let database: PostgresServer
  let matcher: Matcher
  let api: Api
  let tasker: HDAccount
  let provider: HDAccount
  let config: Parameters<typeof startMatcher>[0]
  const programRoot = buildProgram(PROGRAM).root

  beforeAll(async () => {
    ;[market, database] = await Promise.all([startMarket(), startPostgresServer(programs!)])
    ;[tasker, provider] = [await market.person(10), await market.person(11)]
    config = await market.config({ databaseUrl: database.url })
    matcher = await startMatcher(config)
    api = new Api(matcher.url)
    await api.putBlob(market, tasker, programRoot, 'program', PROGRAM)
    await api.putBlob(market, tasker, commit(INPUT), 'data', INPUT)
  }, 120_000)
  afterAll(async () => {
    await matcher?.stop()
    await database?.remove()
    await market?.stop()
  })

  it('takes orders in and opens their lease', async () => {
    expect((await api.post('/v1/asks', (await makeAsk(market, provider)).body)).status).toBe(201)
    const { body } = await makeBid(market, tasker, { job: makeJob(programRoot) })
    const { status, json } = await api.post('/v1/bids', body)
    expect(status).toBe(201)
    const events = await api.listen(`order=${json.digest}`, '0')
    const { data } = await events.type('job.queued')
    expect(data.order).toBe(json.digest)
    events.stop()
  })

  it('says 503 while the server is away, takes nothing, and goes on when it is back', async () => {
    const { body } = await makeAsk(market, provider, { nonce: 1_000n })
    await database.stop()
    expect(await api.post('/v1/asks', body)).toMatchObject({
      status: 503,
      json: { code: 'database-unavailable', retryable: true },
    })
    await database.start()
    await expect.poll(async () => (await api.post('/v1/asks', body)).status, { timeout: 20_000 }).toBe(201)
  }, 60_000)

  it('finds everything again after a restart', async () => {
    const { body } = await makeAsk(market, provider, { nonce: 1_001n })
    const { json } = await api.post('/v1/asks', body)
    await matcher.stop()
    matcher = await startMatcher(config)
    api = new Api(matcher.url)
    expect(await api.get(`/v1/orders/${json.digest}`)).toMatchObject({ json: { status: 'open' } })
    // Known, and not new.
    expect((await api.post('/v1/asks', body)).status).toBe(200)
  }, 60_000)
})
