import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask } from './ask.ts'
import { RedisStartError } from './errors.ts'
import { type RedisServer, startRedis } from './start.ts'

let dir: string
let servers: RedisServer[]

const start = async (options: { port?: number; appendonly?: boolean } = {}) => {
  const server = await startRedis({ dir, ...options })
  servers.push(server)
  return server
}

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'millrace-redis-'))
  servers = []
})

afterEach(async () => {
  await Promise.all(servers.map((server) => server.kill()))
  await rm(dir, { recursive: true, force: true })
})

describe('startRedis', () => {
  it('serves when it resolves, and is gone when stop resolves', async () => {
    const server = await start()
    expect(server.url).toBe(`redis://127.0.0.1:${server.port}`)
    expect(await ask(server.port, 'PING')).toMatch(/^\+PONG/)
    await server.stop()
    expect(await ask(server.port, 'PING')).toBeUndefined()
  })

  it('never evicts and appends to a file', async () => {
    const { port } = await start()
    expect(await ask(port, 'CONFIG GET maxmemory-policy')).toContain('noeviction')
    expect(await ask(port, 'CONFIG GET appendonly')).toContain('yes')
  })

  it('keeps what it acknowledged when it is killed', async () => {
    const first = await start()
    expect(await ask(first.port, 'SET key value')).toMatch(/^\+OK/)
    await first.kill()
    const second = await start()
    expect(await ask(second.port, 'GET key')).toContain('value')
  })

  it('says why when the port is taken by another server', async () => {
    const { port } = await start()
    const second = startRedis({ dir: path.join(dir, 'other'), port })
    await expect(second).rejects.toThrow(RedisStartError)
    await expect(second).rejects.toThrow(/in use/)
  })

  it('ends quietly when it is stopped twice', async () => {
    const server = await start()
    await server.stop()
    await server.stop()
    await server.kill()
  })
})
