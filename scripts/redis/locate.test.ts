import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RedisUnavailableError } from './errors.ts'
import { locateRedis, packagesIn, redisCache } from './locate.ts'

let home: string

const program = async (...names: string[]) => {
  const file = path.join(home, ...names)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, '#!/bin/sh\n')
  await chmod(file, 0o755)
  return file
}

beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'millrace-locate-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

describe('locateRedis', () => {
  it('prefers redis-server, then valkey-server, on PATH', async () => {
    const valkey = await program('a', 'valkey-server')
    const PATH = [path.join(home, 'a'), path.join(home, 'b')].join(path.delimiter)
    expect(await locateRedis({ PATH, HOME: home })).toEqual({ path: valkey, libraries: [] })
    const redis = await program('b', 'redis-server')
    expect(await locateRedis({ PATH, HOME: home })).toEqual({ path: redis, libraries: [] })
  })

  it('takes a fetched one from the cache, with its libraries', async () => {
    const environment = { PATH: '', HOME: home }
    const cache = path.relative(home, redisCache(environment))
    const redis = await program(cache, 'usr', 'bin', 'redis-server')
    await program(cache, 'usr', 'lib', 'some-linux-gnu', 'liblzf.so.1')
    expect(await locateRedis(environment)).toEqual({
      path: redis,
      libraries: [path.join(home, cache, 'usr', 'lib', 'some-linux-gnu')],
    })
  })

  it('says what to install where there is neither a server nor apt', async () => {
    const found = locateRedis({ PATH: path.join(home, 'empty'), HOME: home })
    await expect(found).rejects.toThrow(RedisUnavailableError)
    await expect(found).rejects.toMatchObject({ code: 'redis-unavailable', retryable: false })
  })

  it('says that apt failed, and with which words', async () => {
    const apt = await program('bin', 'apt-get')
    await writeFile(apt, '#!/bin/sh\necho no network >&2\nexit 100\n')
    const found = locateRedis({
      ...process.env,
      PATH: path.join(home, 'bin'),
      HOME: home,
      XDG_CACHE_HOME: '',
    })
    await expect(found).rejects.toThrow(/no network/)
  })
})

describe('redisCache', () => {
  it('follows XDG_CACHE_HOME, else ~/.cache', () => {
    expect(redisCache({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe(`/x/millrace/redis-${process.arch}`)
    expect(redisCache({ HOME: '/h' })).toBe(`/h/.cache/millrace/redis-${process.arch}`)
  })
})

describe('packagesIn', () => {
  it('reads the names of what apt would install', () => {
    const uris = [
      "'http://mirror.example/pool/libjemalloc2_5.3.0-1_amd64.deb' libjemalloc2_5.3.0-1_amd64.deb 275000 MD5Sum:0f",
      "'http://mirror.example/pool/redis-server_7.0.15-1%7edeb12u10_amd64.deb' redis-server_5%3a7.0.15_amd64.deb 1 ",
    ].join('\n')
    expect(packagesIn(uris)).toEqual(['libjemalloc2', 'redis-server'])
  })
})
