import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seedDatabase } from '../../test/support/database.ts'
import { type CommittedEvent, Committer } from './committer.ts'
import { openDatabase, type Store, type Tx } from './database.ts'
import { blobs } from './schema/index.ts'

const blob = (root: string) => ({ root, kind: 'data' as const, size: 1, usedAt: new Date(0) })
const insert = (root: string) => (tx: Tx) => tx.insert(blobs).values(blob(root))

describe('Committer', () => {
  let folder: string
  let store: Store
  let committer: Committer
  const published: CommittedEvent[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'committer-'))
    store = await openDatabase({ dataDir: await seedDatabase(folder) })
    committer = new Committer(store.db, (events) => published.push(...events))
  }, 30_000)
  afterAll(async () => {
    await store.close()
    await rm(folder, { recursive: true })
  })

  it('writes what arrives together in one transaction', async () => {
    const ids = await Promise.all(
      ['a', 'b', 'c'].map((root) =>
        committer.commit(async (tx) => {
          await insert(root)(tx)
          return (await tx.execute(sql`select pg_current_xact_id()::text as id`)).rows[0]!.id
        }),
      ),
    )
    expect(new Set(ids).size).toBe(1)
  })

  it('rejects the failing work alone and writes its neighbours', async () => {
    const results = await Promise.allSettled([
      committer.commit(insert('d')),
      committer.commit(insert('d')),
      committer.commit(insert('e')),
    ])
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    const rows = await store.db.select({ root: blobs.root }).from(blobs).orderBy(blobs.root)
    expect(rows.map((row) => row.root).slice(-2)).toEqual(['d', 'e'])
  })

  it('numbers and publishes events in the order in which they were handed in, before it resolves', async () => {
    const event = (order: string) => ({ type: 'order.accepted', accounts: ['0x1'], order, data: { order } })
    const first = committer.commit(async (_, emit) => {
      emit(event('1'))
      emit(event('2'))
    })
    const second = committer.commit(async (_, emit) => emit(event('3')))
    await first
    expect(published.map(({ order }) => order)).toEqual(['1', '2', '3'])
    await second
    const ids = published.map(({ id }) => id)
    expect(ids).toEqual([ids[0]!, ids[0]! + 1, ids[0]! + 2])
  })

  it('publishes nothing of work that failed', async () => {
    published.length = 0
    const failing = committer.commit(async (_, emit) => {
      emit({ type: 'order.accepted', accounts: [], data: {} })
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(published).toEqual([])
  })

  it('refuses a second process on the same directory', async () => {
    await expect(openDatabase({ dataDir: folder })).rejects.toThrow(`held by process ${process.pid}`)
  })
})
