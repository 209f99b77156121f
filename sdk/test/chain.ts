/** A chain in this process with the real contracts on it, and a client for each of its funded accounts. */
import hre from 'hardhat'
import {
  type Address,
  createPublicClient,
  createWalletClient,
  custom,
  type HDAccount,
  type PublicClient,
  type Transport,
} from 'viem'
import { hardhat } from 'viem/chains'
import { type Deployment, deploy } from '../../scripts/deploy.ts'
import { buildContracts } from '../../scripts/stack/buildContracts.ts'
import { developmentAccount, FIRST_FREE_POSITION } from '../../scripts/stack/development-accounts.ts'
import type { Market } from '../src/api/market.ts'
import { createMillraceClient, type MillraceClient } from '../src/client/client.ts'
import { type Domain, documentDomain } from '../src/documents/domain.ts'
import type { Scheme } from '../src/documents/scheme.ts'

/** Milliseconds: contracts that changed are compiled first, and two cores may be busy. */
export const START_TIMEOUT = 300_000

export interface TestChain {
  publicClient: PublicClient
  transport: Transport
  contracts: Deployment
  domain: Domain
  scheme: Scheme
  account(index: number): HDAccount
  /** A client that needs no matcher for what it does on chain. */
  client(index: number): MillraceClient
  /** Unix seconds of the newest block. */
  now(): Promise<bigint>
  /** Moves the chain's clock to `time` and mines a block. */
  warp(time: bigint): Promise<void>
  close(): Promise<void>
}

export async function startChain(): Promise<TestChain> {
  // In a process of its own: Hardhat's compiler never comes back inside a test runner's worker.
  await buildContracts()
  const connection = await hre.network.create()
  const { provider } = connection
  const transport = custom(provider as Parameters<typeof custom>[0])
  const publicClient = createPublicClient({ chain: hardhat, transport, pollingInterval: 5 })
  const account = (index: number) => developmentAccount(FIRST_FREE_POSITION + index)
  const walletClient = createWalletClient({ chain: hardhat, transport, account: account(0) })
  const contracts = lower(await deploy({ publicClient, walletClient }))
  const scheme = {
    scheme: contracts.arbiterScheme,
    arbiter: account(9).address.toLowerCase() as Address,
    arbiterFee: 5n,
    machineVersion: 1,
    taskerShare: 5_000,
    winnerShare: 1_000,
  }
  return {
    publicClient: publicClient as PublicClient,
    transport,
    contracts,
    domain: documentDomain(hardhat.id, contracts.leases),
    scheme,
    account,
    client: (index) => {
      const client = createMillraceClient({
        matcher: 'http://127.0.0.1:1',
        account: account(index),
        transport,
        pollingInterval: 5,
      })
      client.cache.market = Promise.resolve(marketOf(contracts, scheme))
      return client
    },
    now: async () => (await publicClient.getBlock()).timestamp,
    warp: async (time) => {
      await provider.request({ method: 'evm_setNextBlockTimestamp', params: [Number(time)] })
      await provider.request({ method: 'evm_mine', params: [] })
    },
    close: () => connection.close(),
  }
}

/** The market as a matcher would tell it. */
export function marketOf(contracts: Deployment, scheme: Scheme): Market {
  const { token, escrow, leases, disputes, demands, arbiterScheme, proofScheme } = contracts
  const zero = `0x${'0'.repeat(40)}` as const
  return {
    chainId: hardhat.id,
    contracts: { escrow, leases, disputes, demands, arbiterScheme, proofScheme },
    matcher: { feeTo: zero, makerFee: 0, takerFee: 0, store: zero },
    tokens: [{ address: token, symbol: 'TEST', decimals: 18, faucet: true }],
    schemes: [scheme],
    limits: { blobBytes: 2 ** 24, inlineBytes: 2 ** 14, bodyBytes: 2 ** 16 },
    machineVersion: 1,
    block: 0n,
  }
}

/** Documents are lower case, viem's addresses are not. */
function lower(deployment: Deployment): Deployment {
  const entries = Object.entries(deployment)
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? value.toLowerCase() : value]),
  ) as unknown as Deployment
}
