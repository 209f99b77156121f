/** A matcher that is not to be trusted, over real HTTP. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { NetworkError } from '@millrace/sdk'
import { afterEach, expect, it } from 'vitest'
import { BlobUnavailableError, fetchBytes } from './fetchBytes.ts'

const MOST = 1_000
const servers: ReturnType<typeof createServer>[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

async function fetchFrom(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await new Promise((resolve) => server.once('listening', resolve))
  const matcher = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = { matcher, fetch } as unknown as Parameters<typeof fetchBytes>[0]
  return fetchBytes(client, '/v1/blobs/0x00', MOST)
}

it('brings bytes as they are, up to the limit', async () => {
  const bytes = new Uint8Array(MOST).fill(7)
  expect(new Uint8Array(await fetchFrom((_, response) => void response.end(bytes)))).toEqual(bytes)
})

it('stops at the limit, whatever length was announced', async () => {
  const endless = fetchFrom((_, response) => {
    const push = () => void (response.write(new Uint8Array(600)) && setImmediate(push))
    response.writeHead(200)
    push()
  })
  await expect(endless).rejects.toMatchObject({ name: 'BlobUnavailableError', retryable: false })
})

it('takes nothing that is packed: a bomb would be unpacked before it is counted', async () => {
  const bomb = gzipSync(Buffer.alloc(2 ** 24))
  expect(bomb.length).toBeLessThan(20_000)
  const found = await fetchFrom((request, response) => {
    expect(request.headers['accept-encoding']).toBe('identity')
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
  }).catch((error) => error)
  expect(found).toBeInstanceOf(BlobUnavailableError)
  expect(found.message).toContain('gzip')
})

it.each(['http://169.254.169.254/', 'http://[::1]:1/', '/elsewhere'])(
  'follows no redirect, to %s',
  async (location) => {
    const redirected = fetchFrom((_, response) => void response.writeHead(302, { location }).end())
    await expect(redirected).rejects.toBeInstanceOf(NetworkError)
  },
)
