/** A disk that is full, a small one of the test's own: nothing acknowledged is lost, and room is all that it needs. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commit } from '@millrace/machine'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seedDatabase } from './support/database.ts'
import { type Stage, startStage } from './support/stage.ts'
import { makeAsk } from './support/traders.ts'

/** An empty cluster has 40 MB; the matcher's reserve must fit beside it. */
const SIZE = '160m'
const disk = mountSmallDisk()
const reason = disk ? '' : ' (skipped: mounting a small disk takes root on Linux)'

describe.skipIf(!disk)(`a matcher whose disk is full${reason}`, () => {
  const ballast = join(disk ?? '', 'ballast')
  let stage: Stage

  beforeAll(async () => {
    stage = await startStage(async () => {
      const dataDir = join(disk!, 'matcher')
      await seedDatabase(join(dataDir, 'database'))
      return { dataDir, reconcileMs: 1_000 }
    })
  }, 60_000)
  afterAll(async () => {
    await stage?.stop()
    if (!disk) return
    execFileSync('umount', [disk])
    rmSync(disk, { recursive: true })
  })

  it('refuses what it would have to write, keeps what it has, and goes on when there is room', async () => {
    const { market, api, tasker, provider } = stage
    const asks: { status: number; json: { digest?: string; code?: string } }[] = []
    const post = async () => asks.push(await api.post('/v1/asks', (await makeAsk(market, provider)).body))
    await post()
    await fill(ballast)
    for (let count = 0; count < 3; count++) await post()
    expect(asks.map(({ status }) => status)).toEqual([201, 507, 507, 507])
    expect(asks[1]!.json).toMatchObject({ code: 'disk-full', retryable: true })

    const data = new TextEncoder().encode('not there yet')
    const putBlob = () => api.putBlob(market, tasker, commit(data), 'data', data)
    expect(await putBlob()).toMatchObject({ status: 507, json: { code: 'disk-full' } })
    const ready = await api.get('/readyz')
    expect(ready).toMatchObject({
      status: 503,
      json: { parts: { database: true, chain: true, disk: false } },
    })
    // Blocks come meanwhile that cannot be written down.
    await market.chain.mine({ blocks: 3 })
    expect((await api.get(`/v1/orders/${asks[0]!.json.digest}`)).json).toMatchObject({ status: 'open' })

    rmSync(ballast)
    expect((await api.get('/readyz')).status).toBe(200)
    expect((await putBlob()).status).toBe(201)
    const { events } = await stage.bid()
    const { job } = await events.type('job.queued')
    events.stop()

    await stage.stopMatcher()
    await stage.startMatcher()
    expect((await api.get(`/v1/orders/${asks[0]!.json.digest}`)).status).toBe(200)
    expect((await api.get(`/v1/jobs/${job}`)).status).toBe(200)
  }, 60_000)

  it('does not start without room, and says why', async () => {
    await stage.stopMatcher()
    await fill(ballast)
    await expect(stage.startMatcher()).rejects.toMatchObject({ code: 'disk-full', retryable: true })
    rmSync(ballast)
    await stage.startMatcher()
    expect((await stage.api.get('/readyz')).status).toBe(200)
  }, 60_000)
})

/** Writes until nothing more fits. */
async function fill(path: string): Promise<void> {
  const file = await open(path, 'w')
  try {
    const piece = new Uint8Array(2 ** 20)
    for (;;) await file.write(piece)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    await file.close()
  }
}

function mountSmallDisk(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'small-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder], { stdio: 'ignore' })
    return folder
  } catch {
    rmSync(folder, { recursive: true })
    return undefined
  }
}
