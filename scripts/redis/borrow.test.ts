import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { borrowRedis } from './borrow.ts'
import { type RedisServer, startRedis } from './start.ts'

let dir: string
let server: RedisServer
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'millrace-borrow-'))
  server = await startRedis({ dir, appendonly: false })
})
afterAll(async () => {
  await server.stop()
  await rm(dir, { recursive: true })
})

describe('borrowRedis', () => {
  it('gives it back with every key but its own', async () => {
    const owner = new Redis(server.url)
    await owner.mset({ theirs: '1', 'mine-too:a': '2', 'mi*e:b': '3', 'mine:c': '4' })
    const borrowed = await borrowRedis({ url: server.url, prefix: 'mi*e' })
    await borrowed.giveBack()
    expect((await owner.keys('*')).sort()).toEqual(['mine-too:a', 'mine:c', 'theirs'])
    await owner.quit()
  })

  it('tells of one that does not answer, and not its password', async () => {
    const url = 'redis://:secret@127.0.0.1:1'
    const error = await borrowRedis({ url, prefix: 'x' }).catch((thrown: Error) => thrown)
    expect(error).toMatchObject({ code: 'redis-unreachable', facts: { host: '127.0.0.1', port: '1' } })
    expect((error as Error).message).not.toContain('secret')
  })
})
