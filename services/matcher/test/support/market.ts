/** A real chain with the contracts on it, a real Redis, and people with money: what every service test stands on. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Domain, documentDomain, type Scheme } from '@millrace/sdk'
import { escrowAbi } from '@millrace/sdk/abi'
import {
  type Address,
  createPublicClient,
  createTestClient,
  createWalletClient,
  defineChain,
  type HDAccount,
  type Hex,
  http,
  type PublicClient,
  parseAbi,
  type TestClient,
  toHex,
  type WalletClient,
} from 'viem'
import { type Deployment, deploy } from '../../../../scripts/deploy.ts'
import { type RedisServer, startRedis } from '../../../../scripts/redis/index.ts'
import { developmentAccount } from '../../../../scripts/stack/development-accounts.ts'
import { startChain } from '../../../../scripts/stack/parts/chain.ts'
import type { MatcherConfig } from '../../src/index.ts'
import { seedDatabase } from './database.ts'

const CHAIN_ID = 31_337
export const HOT = 1
export const ARBITER = 2

export interface TestMarket {
  folder: string
  rpc: string
  redis: RedisServer
  contracts: Deployment
  domain: Domain
  scheme: Scheme
  client: PublicClient
  chain: TestClient
  /** Of a matcher with data of its own. */
  config(changes?: Partial<MatcherConfig>): Promise<MatcherConfig>
  /** An account with Ether, and so much of the token in the escrow. */
  person(position: number, deposit?: bigint): Promise<HDAccount>
  wallet(account: HDAccount): WalletClient
  stop(): Promise<void>
}

export const keyOf = (account: HDAccount): Hex => toHex(account.getHdKey().privateKey!)

export async function startMarket(): Promise<TestMarket> {
  const folder = await mkdtemp(join(tmpdir(), 'matcher-'))
  const [{ part, ready }, redis] = await Promise.all([
    startChain(folder, 0),
    startRedis({ dir: join(folder, 'redis'), appendonly: false }),
  ])
  const definition = defineChain({
    id: CHAIN_ID,
    name: 'test',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [ready.rpc] } },
  })
  const options = { chain: definition, transport: http(ready.rpc), pollingInterval: 10, cacheTime: 0 }
  const client = createPublicClient(options) as PublicClient
  const chain = createTestClient({ ...options, mode: 'hardhat' }) as TestClient
  const wallet = (account: HDAccount) => createWalletClient({ ...options, account })
  const contracts = await deploy({ publicClient: client, walletClient: wallet(developmentAccount(0)) })
  const lower = (address: Address) => address.toLowerCase() as Address
  const scheme: Scheme = {
    scheme: lower(contracts.arbiterScheme),
    arbiter: lower(developmentAccount(ARBITER).address),
    arbiterFee: 1_000n,
    machineVersion: 1,
    taskerShare: 6_000,
    winnerShare: 1_000,
  }
  let runs = 0
  return {
    folder,
    rpc: ready.rpc,
    redis,
    contracts,
    domain: documentDomain(CHAIN_ID, lower(contracts.leases)),
    scheme,
    client,
    chain,
    wallet,
    config: async (changes) => {
      const dataDir = join(folder, `matcher-${++runs}`)
      await seedDatabase(join(dataDir, 'database'))
      return {
        dataDir,
        redisUrl: redis.url,
        redisPrefix: `run-${runs}`,
        rpcUrl: ready.rpc,
        contracts: {
          escrow: contracts.escrow,
          leases: contracts.leases,
          disputes: contracts.disputes,
          demands: contracts.demands,
          arbiterScheme: contracts.arbiterScheme,
          proofScheme: contracts.proofScheme,
        },
        hotKey: keyOf(developmentAccount(HOT)),
        storeKey: `0x${'5'.repeat(64)}`,
        feeTo: developmentAccount(HOT).address,
        tokens: [{ address: contracts.token, symbol: 'TEST', decimals: 18, faucet: true }],
        schemes: [{ ...scheme, arbiterFee: scheme.arbiterFee.toString() }],
        pollMs: 25,
        logLevel: (process.env.MATCHER_LOG ?? 'silent') as 'silent',
        ...changes,
      }
    },
    async person(position, deposit = 10n ** 12n) {
      const account = developmentAccount(position)
      const sender = wallet(account)
      const token = parseAbi([
        'function mint(address, uint256)',
        'function approve(address, uint256) returns (bool)',
      ])
      const ask = { address: contracts.token, abi: token, chain: definition, account } as const
      await sender.writeContract({ ...ask, functionName: 'mint', args: [account.address, deposit] })
      await sender.writeContract({ ...ask, functionName: 'approve', args: [contracts.escrow, deposit] })
      const hash = await sender.writeContract({
        address: contracts.escrow,
        abi: escrowAbi,
        functionName: 'deposit',
        args: [contracts.token, deposit, account.address],
        chain: definition,
        account,
      })
      await client.waitForTransactionReceipt({ hash })
      return account
    },
    async stop() {
      await part.stop()
      await redis.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
