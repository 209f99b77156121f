import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commit } from '@millrace/machine'
import pino from 'pino'
import type { Hex } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { seedDatabase } from '../../test/support/database.ts'
import { Committer } from '../store/committer.ts'
import { openDatabase, type Store } from '../store/database.ts'
import { blobs } from '../store/schema/index.ts'
import { BlobStore } from './store.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const pieces = async function* (...texts: string[]) {
  for (const text of texts) yield Buffer.from(text)
}

describe('BlobStore', () => {
  let folder: string
  let database: Store
  let committer: Committer
  let store: BlobStore
  let needed: Set<string>

  const make = () =>
    new BlobStore({
      dir: join(folder, 'blobs'),
      db: database.db,
      committer,
      log: pino({ level: 'silent' }),
      limits: { blob: 16, store: 32 },
      needed: async () => needed,
    })

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'blobs-'))
    database = await openDatabase({ dataDir: await seedDatabase(join(folder, 'database')) })
    committer = new Committer(database.db, () => {})
  }, 30_000)
  beforeEach(async () => {
    await rm(join(folder, 'blobs'), { recursive: true, force: true })
    await database.db.delete(blobs)
    needed = new Set()
    store = make()
    await store.start()
  })
  afterAll(async () => {
    await store.close()
    await database.close()
    await rm(folder, { recursive: true })
  })

  const put = (text: string) => store.take(pieces(text), commit(bytesOf(text)), 'data')
  const files = () => readdir(join(folder, 'blobs', 'files'))

  it('keeps what is named right, and finds it again after a restart', async () => {
    const root = commit(bytesOf('hello'))
    await store.take(pieces('he', 'llo'), root, 'data')
    const again = make()
    await again.start()
    expect(again.get(root)).toMatchObject({ kind: 'data', size: 5 })
    expect(await again.read(root, 10)).toEqual(bytesOf('hello'))
    expect(await again.read(root, 4)).toBeUndefined()
  })

  it('names both roots where the bytes are others, and keeps nothing', async () => {
    const [expected, found] = [commit(bytesOf('this')), commit(bytesOf('that'))]
    const refusal = { code: 'blob-root-mismatch', status: 422, facts: { expected, found, kind: 'data' } }
    await expect(store.take(pieces('that'), expected, 'data')).rejects.toMatchObject(refusal)
    await expect(store.withInline(bytesOf('that'), expected, async () => {})).rejects.toMatchObject(refusal)
    expect(await files()).toEqual([])
  })

  it('keeps inline data with the commit that it came in, and not without', async () => {
    const root = commit(bytesOf('small'))
    const fails = store.withInline(bytesOf('small'), root, async () => {
      expect(await store.read(root, 10)).toEqual(bytesOf('small'))
      throw new Error('no commit')
    })
    await expect(fails).rejects.toThrow('no commit')
    expect(store.get(root)).toBeUndefined()
    expect(store.bytes).toBe(0)

    await store.withInline(bytesOf('small'), root, (write) => database.db.transaction((tx) => write(tx)))
    const again = make()
    await again.start()
    expect(again.get(root)).toMatchObject({ kind: 'data', size: 5, inline: true })
    expect(await again.read(root, 10)).toEqual(bytesOf('small'))
    const streamed = (await (await again.stream(again.get(root)!)).toArray()) as Uint8Array[]
    expect(Buffer.concat(streamed).toString()).toBe('small')
    expect(await files()).toEqual([])
  })

  it('refuses a program that is no module', async () => {
    const root = `0x${'1'.repeat(64)}` as Hex
    await expect(store.take(pieces('no wasm'), root, 'program')).rejects.toMatchObject({
      code: 'module-refused',
    })
    expect(await readdir(join(folder, 'blobs', 'arriving'))).toEqual([])
  })

  it('refuses more than a blob may have', async () => {
    await expect(put('x'.repeat(17))).rejects.toMatchObject({ code: 'blob-too-large', status: 413 })
  })

  it('makes room by what nobody needs, and says so where there is none', async () => {
    const first = await put('a'.repeat(16))
    needed.add(first.root)
    const second = await put('b'.repeat(16))
    const third = await put('c'.repeat(16))
    expect((await files()).sort()).toEqual([first.root, third.root].sort())
    expect(store.get(second.root)).toBeUndefined()
    needed.add(third.root)
    await expect(put('d')).rejects.toMatchObject({ code: 'store-full', status: 507, retryable: true })
  })

  it('forgets at its start what a crash cut short', async () => {
    const { root } = await put('whole')
    await writeFile(join(folder, 'blobs', 'files', 'stray'), 'no row')
    await writeFile(join(folder, 'blobs', 'arriving', 'half'), 'ha')
    await rm(join(folder, 'blobs', 'files', root))
    const again = make()
    await again.start()
    expect(again.get(root)).toBeUndefined()
    expect(await files()).toEqual([])
    expect(await readdir(join(folder, 'blobs', 'arriving'))).toEqual([])
  })
})
