/** Transactions with a deadline, on a chain that mines only when it is told to, behind a node that forgets. */
import { inspect } from 'node:util'
import { custom, type Hex, parseTransaction, type Transport } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { deposit } from '../src/actions/deposit.ts'
import { mint } from '../src/actions/transactions.ts'
import { withdrawCall } from '../src/calls/escrow.ts'
import { openCall } from '../src/calls/leases.ts'
import { createMillraceClient, type MillraceClient } from '../src/client/client.ts'
import { getMarket } from '../src/client/getMarket.ts'
import { transact } from '../src/client/transact.ts'
import { NonceSpentError } from '../src/errors/contracts/index.ts'
import { START_TIMEOUT, startChain, type TestChain } from './chain.ts'
import { matchOf } from './orders.ts'

const WEALTH = 10n ** 12n
/** Generous: a loaded machine is no failure. Milliseconds. */
const PATIENCE = 30_000

let chain: TestChain
/** What the node does with a raw transaction: forgets it, refuses it, or passes it on. */
let onSend: (raw: Hex) => 'pass' | 'forget' | Error
let sent: { nonce: number; maxFeePerGas: bigint; maxPriorityFeePerGas: bigint; to: string; data: Hex }[]
let client: MillraceClient

beforeAll(async () => {
  chain = await startChain()
  const own = chain.client(1)
  const { token } = chain.contracts
  await mint(own, { token, to: chain.account(1).address, amount: WEALTH })
  await deposit(own, { token, amount: WEALTH })
}, START_TIMEOUT)
afterAll(() => chain.close())

beforeEach(async () => {
  onSend = () => 'pass'
  sent = []
  client = await newClient()
})

/** One that this test's node serves. */
async function newClient(): Promise<MillraceClient> {
  const { request } = chain.publicClient
  const transport: Transport = custom({
    request: async ({ method, params }) => {
      if (method === 'eth_sendRawTransaction') {
        const raw = (params as [Hex])[0]
        const { nonce = 0, maxFeePerGas, maxPriorityFeePerGas, to, data } = parseTransaction(raw)
        sent.push({ nonce, maxFeePerGas, maxPriorityFeePerGas, to, data } as (typeof sent)[number])
        const does = onSend(raw)
        if (does instanceof Error) throw does
        if (does === 'forget') return `0x${'00'.repeat(32)}`
      }
      return request({ method, params } as never)
    },
  })
  const made = createMillraceClient({
    ...{ matcher: 'http://127.0.0.1:1', account: chain.account(1), transport, pollingInterval: 5 },
  })
  made.cache.market = getMarket(chain.client(1))
  return made
}

const automine = (on: boolean) =>
  chain.publicClient.request({ method: 'evm_setAutomine', params: [on] } as never)
const mine = () => chain.publicClient.request({ method: 'evm_mine', params: [] } as never)
const call = (amount: bigint) =>
  withdrawCall({
    escrow: chain.contracts.escrow,
    token: chain.contracts.token,
    amount,
    to: chain.account(1).address,
  })
/** Mines on until it is settled. */
async function mineUntil<T>(promise: Promise<T>): Promise<T> {
  let isSettled = false
  const settled = () => {
    isSettled = true
  }
  promise.then(settled, settled)
  const end = Date.now() + PATIENCE
  while (!isSettled) {
    if (Date.now() >= end) throw new Error(`Not settled within ${PATIENCE} ms; sent: ${inspect(sent)}`)
    await mine()
    await new Promise((done) => setTimeout(done, 20))
  }
  return promise
}
/** Waits for what the client sends while a test goes on. */
async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE
  while (!holds()) {
    if (Date.now() >= end) throw new Error(`Within ${PATIENCE} ms not: ${holds}; sent: ${inspect(sent)}`)
    await new Promise((done) => setTimeout(done, 5))
  }
}
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )
const tips = () => sent.map(({ maxPriorityFeePerGas }) => Number(maxPriorityFeePerGas))
const soon = async () => (await chain.now()) + 600n

/** Mines nothing by itself while `work` runs. */
async function unmined(work: () => Promise<void>): Promise<void> {
  await automine(false)
  try {
    await work()
  } finally {
    await automine(true)
    await mine()
  }
}

describe('a transaction with a deadline', { timeout: 60_000 }, () => {
  it('is mined like any other', async () => {
    const { receipt, hash } = await transact(client, call(1n), { deadline: await soon() })
    expect(receipt).toMatchObject({ status: 'success', transactionHash: hash })
    expect(sent).toHaveLength(1)
  })

  it('that the node forgot is sent again', () =>
    unmined(async () => {
      onSend = () => 'forget'
      const landing = transact(client, call(2n), { deadline: (await chain.now()) + 10n ** 6n })
      await until(() => sent.length >= 1)
      onSend = () => 'pass'
      expect((await mineUntil(landing)).receipt.status).toBe('success')
      expect(sent[1]).toEqual(sent[0])
    }))

  it('pays more with the same nonce when its time runs out', () =>
    unmined(async () => {
      const now = await chain.now()
      onSend = () => 'forget'
      const landing = transact(client, call(3n), { deadline: now + 1_000n })
      await until(() => sent.length >= 1)
      await chain.warp(now + 500n)
      await mine()
      await until(() => tips().at(-1)! / tips()[0]! > 5)
      onSend = () => 'pass'
      await chain.warp(now + 900n)
      expect((await mineUntil(landing)).receipt.status).toBe('success')
      expect(new Set(sent.map(({ nonce }) => nonce)).size).toBe(1)
      expect(tips()).toEqual(tips().toSorted((a, b) => a - b))
      expect(tips().at(-1)! / tips()[0]!).toBeGreaterThan(30)
    }))

  it('that begins late begins with a high fee', async () => {
    await transact(client, call(4n), { deadline: await soon() })
    await transact(client, call(5n), { deadline: (await chain.now()) + 30n })
    expect(tips()[1]! / tips()[0]!).toBeGreaterThan(20)
  })

  it('leaves its nonce to nobody while the node has forgotten it', () =>
    unmined(async () => {
      onSend = () => 'forget'
      const deadline = await soon()
      const first = transact(client, call(4n), { deadline })
      await until(() => sent.length >= 1)
      const { nonce } = sent[0]!
      onSend = (raw) => (parseTransaction(raw).nonce === nonce ? 'forget' : 'pass')
      const second = transact(client, call(5n), { deadline })
      const third = transact(client, call(6n))
      await until(() => new Set(sent.map((one) => one.nonce)).size === 3)
      onSend = () => 'pass'
      const all = await mineUntil(Promise.all([first, second, third]))
      expect(all.map(({ receipt }) => receipt.status)).toEqual(['success', 'success', 'success'])
      expect(new Set(sent.map((one) => one.nonce))).toEqual(new Set([nonce, nonce + 1, nonce + 2]))
    }))

  it('outlasts a node that is away', () =>
    unmined(async () => {
      const landing = transact(client, call(7n), { deadline: await soon() })
      await until(() => sent.length >= 1)
      onSend = () => new Error('502 Bad Gateway')
      expect((await mineUntil(landing)).receipt.status).toBe('success')
    }))

  it('takes the place of what a process before it left and nodes forgot', () =>
    unmined(async () => {
      const next = await chain.publicClient.getTransactionCount({ address: chain.account(1).address })
      // As if a node had told of one more on its way.
      client.cache.inFlight = new Set([next])
      const landing = transact(client, call(9n), { deadline: await soon() })
      await until(() => sent.length >= 1)
      expect(sent[0]!.nonce).toBe(next + 1)
      client.cache.inFlight.delete(next)
      expect((await mineUntil(landing)).receipt.status).toBe('success')
      expect(sent.at(-1)!.nonce).toBe(next)
    }))

  it('that became pointless is taken back, and says why', () =>
    unmined(async () => {
      const parties = { tasker: 1, provider: 2 }
      const changes = { ask: { collateral: 0n }, bid: { collateral: 0n, nonce: 77n } }
      const match = openCall({
        leases: chain.contracts.leases,
        match: await matchOf(chain, parties, changes),
      })
      onSend = () => 'forget'
      const landing = failureOf(transact(client, match, { deadline: await soon() }))
      await until(() => sent.length >= 1)
      // Anyone may open it, and somebody was faster.
      const faster = transact(chain.client(3), match)
      expect((await mineUntil(faster)).receipt.status).toBe('success')
      onSend = () => 'pass'
      expect(await mineUntil(landing)).toBeInstanceOf(NonceSpentError)
      const transfer = sent.at(-1)!
      expect(transfer).toMatchObject({ nonce: sent[0]!.nonce, to: chain.account(1).address.toLowerCase() })
      expect(transfer.data ?? '0x').toBe('0x')
      expect(client.cache.inFlight!.size).toBe(0)
    }))
})
