/** The matcher over a Postgres server, as replicas have it, and not over the one in its own process. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findPostgres, type PostgresServer, startPostgresServer } from './support/postgresServer.ts'
import { type Stage, startStage } from './support/stage.ts'
import { makeAsk } from './support/traders.ts'

const programs = findPostgres()
const reason = programs ? '' : ' (skipped: no Postgres server on this computer)'

describe.skipIf(!programs)(`a matcher over a Postgres server${reason}`, () => {
  let database: PostgresServer
  let stage: Stage

  beforeAll(async () => {
    database = await startPostgresServer(programs!)
    stage = await startStage(async () => ({ databaseUrl: database.url }))
  }, 120_000)
  afterAll(async () => {
    await stage?.stop()
    await database?.remove()
  })
  const makeOrder = async (nonce: bigint) => (await makeAsk(stage.market, stage.provider, { nonce })).body

  it('takes orders in and opens their lease', async () => {
    const { digest, events } = await stage.bid()
    const { data } = await events.type('job.queued')
    expect(data.order).toBe(digest)
    events.stop()
  })

  it('says 503 while the server is away, takes nothing, and goes on when it is back', async () => {
    const { api } = stage
    const body = await makeOrder(1_000n)
    await database.stop()
    expect(await api.post('/v1/asks', body)).toMatchObject({
      status: 503,
      json: { code: 'database-unavailable', retryable: true },
    })
    await database.start()
    await expect.poll(async () => (await api.post('/v1/asks', body)).status, { timeout: 20_000 }).toBe(201)
  }, 60_000)

  it('finds everything again after a restart', async () => {
    const { api } = stage
    const body = await makeOrder(1_001n)
    const { json } = await api.post('/v1/asks', body)
    await stage.stopMatcher()
    await stage.startMatcher()
    expect(await api.get(`/v1/orders/${json.digest}`)).toMatchObject({ json: { status: 'open' } })
    // Known, and not new.
    expect((await api.post('/v1/asks', body)).status).toBe(200)
  }, 60_000)
})
