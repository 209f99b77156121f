import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMillraceClient, getMarket, NetworkError } from '@millrace/sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silent } from '../fixtures/desk.ts'
import { terms } from '../fixtures/terms.ts'
import { type Journal, openJournal } from '../journal/journal.ts'
import { knowMarket } from './market.ts'

const address = (byte: string) => `0x${byte.repeat(20)}`
const marketAt = (byte: string) => ({
  chainId: 1,
  contracts: Object.fromEntries(
    ['escrow', 'leases', 'disputes', 'demands', 'arbiterScheme', 'proofScheme'].map((name) => [
      name,
      address(byte),
    ]),
  ),
  matcher: { feeTo: address('00'), makerFee: 0, takerFee: 0, store: address('00') },
  tokens: [],
  schemes: [
    ...[{ scheme: address(byte), arbiter: address('00'), arbiterFee: '5' }].map((leaf) => ({
      ...{ ...leaf, machineVersion: 3, taskerShare: 5_000, winnerShare: 1_000 },
    })),
  ],
  limits: { blobBytes: 1, inlineBytes: 1, bodyBytes: 1 },
  machineVersion: 3,
  block: '7',
})

let folder: string
let journal: Journal
let says: object
const server = createServer((_, response) => {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(says))
})
const clientOf = () =>
  createMillraceClient({ matcher: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-agent-'))
  journal = openJournal(folder)
  says = marketAt('01')
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})
afterEach(() => {
  server.close()
  journal.close()
  rmSync(folder, { recursive: true })
})

describe('the market', () => {
  it('is what it was at the last start where the matcher is away, to the last unit', async () => {
    const market = await knowMarket(clientOf(), journal, silent)
    const later = clientOf()
    server.close()
    server.closeAllConnections()
    expect(await knowMarket(later, journal, silent)).toEqual(market)
    expect(await getMarket(later)).toEqual(market)
    expect(market).toMatchObject({ block: 7n, schemes: [{ arbiterFee: 5n }] })
  })

  it('is not known where the matcher never said', async () => {
    const client = clientOf()
    server.close()
    await expect(knowMarket(client, journal, silent)).rejects.toBeInstanceOf(NetworkError)
  })

  it('keeps the contracts that leases stand in, as long as one is live', async () => {
    const lease = `0x${'aa'.repeat(32)}` as const
    const market = await knowMarket(clientOf(), journal, silent)
    journal.addLease(lease, terms)
    says = marketAt('02')
    const client = clientOf()
    expect(await knowMarket(client, journal, silent)).toEqual(market)
    expect(await getMarket(client)).toEqual(market)
    journal.endLease(lease)
    expect((await knowMarket(clientOf(), journal, silent)).contracts.disputes).toBe(address('02'))
  })
})
