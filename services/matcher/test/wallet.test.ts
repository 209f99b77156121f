/** Orders of accounts that are contracts (ERC-1271): their code says what is signed, and the node runs it. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { escrowAbi } from '@millrace/sdk/abi'
import { type Address, concat, type HDAccount, type Hex, parseAbi } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Matcher, startMatcher } from '../src/index.ts'
import { Api } from './support/api.ts'
import { startMarket, type TestMarket } from './support/market.ts'
import { makeAsk, makeBid } from './support/traders.ts'

const WALLET: Address = '0x00000000000000000000000000000000000c0de1'
/** Says yes to every signature that begins with 0x42: calldata byte 100 == 0x42 ? 0x1626ba7e… : 0. */
const CODE: Hex = concat([
  '0x606435', // the word that the signature begins with
  '0x60001a', // its first byte
  '0x604214', // is it 0x42?
  '0x631626ba7e60e01b02', // then the answer of ERC-1271
  '0x60005260206000f3',
])
const YES: Hex = `0x42${'00'.repeat(64)}`
const NO: Hex = `0x43${'00'.repeat(64)}`

describe('an account that is a contract', () => {
  let market: TestMarket
  let matcher: Matcher
  let api: Api
  let owner: HDAccount
  let provider: HDAccount
  let node: FlakyNode

  beforeAll(async () => {
    market = await startMarket()
    ;[owner, provider] = [await market.person(10), await market.person(11)]
    await market.chain.setCode({ address: WALLET, bytecode: CODE })
    await fund()
    node = await startFlakyNode(market.rpc)
    matcher = await startMatcher(await market.config({ rpcUrl: node.url, publicRpcUrl: market.rpc }))
    api = new Api(matcher.url)
  }, 60_000)
  afterAll(async () => {
    await matcher?.stop()
    node?.server.close()
    await market?.stop()
  })

  async function fund(): Promise<void> {
    const amount = 10n ** 12n
    const abi = parseAbi([
      'function mint(address, uint256)',
      'function approve(address, uint256) returns (bool)',
    ])
    const token = { address: market.contracts.token, abi, chain: null, account: owner } as const
    const wallet = market.wallet(owner)
    await wallet.writeContract({ ...token, functionName: 'mint', args: [owner.address, amount] })
    await wallet.writeContract({
      ...token,
      functionName: 'approve',
      args: [market.contracts.escrow, amount],
    })
    const hash = await wallet.writeContract({
      ...{ address: market.contracts.escrow, abi: escrowAbi, chain: null, account: owner },
      functionName: 'deposit',
      args: [market.contracts.token, amount, WALLET],
    })
    await market.client.waitForTransactionReceipt({ hash })
  }

  /** A bid of the wallet, whose owner's key signs in the lease. */
  const walletBid = async (signature: Hex) => {
    const { body } = await makeBid(market, owner, { account: WALLET })
    return { ...body, signature }
  }

  it('bids, and its lease opens', async () => {
    const { status, json } = await api.post('/v1/bids', await walletBid(YES))
    expect({ status, json }).toMatchObject({ status: 201, json: { status: 'open' } })
    const events = await api.listen(`order=${json.digest}`, '0')
    expect((await api.post('/v1/asks', (await makeAsk(market, provider)).body)).status).toBe(201)
    const { data } = await events.type('lease.opened')
    expect(data.terms.tasker).toBe(WALLET)
    events.stop()
  })

  it('is refused where its code says no', async () => {
    const answer = await api.post('/v1/bids', await walletBid(NO))
    expect(answer).toMatchObject({ status: 401, json: { code: 'bad-signature', retryable: false } })
  })

  it('is not called a forger while the node is away', async () => {
    node.refuses = (call) => call.method === 'eth_call' && call.params[0]?.to?.toLowerCase() === WALLET
    const bid = await walletBid(YES)
    expect(await api.post('/v1/bids', bid)).toMatchObject({
      status: 503,
      json: { code: 'chain-unavailable', retryable: true },
    })
    node.refuses = () => false
    expect((await api.post('/v1/bids', bid)).status).toBe(201)
  })
})

interface Call {
  readonly method: string
  readonly params: readonly { readonly to?: string }[]
}

interface FlakyNode {
  readonly url: string
  readonly server: Server
  refuses: (call: Call) => boolean
}

/** Passes calls on to a node, but for those that it refuses as a gateway does that cannot reach one. */
async function startFlakyNode(rpc: string): Promise<FlakyNode> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const calls = [JSON.parse(body.toString())].flat() as Call[]
    if (calls.some((call) => node.refuses(call))) return void response.writeHead(502).end()
    const answer = await fetch(rpc, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const node: FlakyNode = { url: `http://127.0.0.1:${port}`, server, refuses: () => false }
  return node
}
