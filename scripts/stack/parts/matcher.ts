import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MACHINE_VERSION } from '@millrace/machine'
import type { MatcherConfig } from '@millrace/matcher'
import type { Scheme } from '@millrace/sdk'
import { zeroAddress } from 'viem'
import { type Deployment, TEST_TOKEN } from '../../deploy.ts'
import type { DevelopmentAccounts } from '../development-accounts.ts'
import { readJson } from '../readJson.ts'
import { type Part, scriptPath, startPart } from '../startPart.ts'
import type { Keystores } from '../writeKeystores.ts'
import type { RedisReady } from './redis.ts'

export interface MatcherReady {
  readonly event: 'ready'
  readonly url: string
}

export interface MatcherOptions {
  readonly dir: string
  readonly port: number
  readonly rpc: string
  readonly redis: RedisReady
  readonly deployment: Deployment
  readonly accounts: DevelopmentAccounts
  readonly keystores: Keystores
  /** Whatever a test wants otherwise. */
  readonly changes?: Partial<MatcherConfig>
  /** `FAULT_AT` and the like. */
  readonly env?: Readonly<Record<string, string>>
}

/** What a challenge puts up at least where nobody judges it: eight times what defending costs at a gwei, and more. */
const LEAST_BOND = 5n * 10n ** 17n // half a token

const ARBITER_FEE = 5n * 10n ** 17n

/**
 * The stack's schemes, the one that orders name where nobody says otherwise first: whoever is right proves it; or its
 * arbiter judges. Shares are of a slashed collateral, in basis points.
 */
export function developmentSchemes(deployment: Deployment, accounts: DevelopmentAccounts): Scheme[] {
  const common = {
    machineVersion: MACHINE_VERSION,
    taskerShare: 7_000,
    winnerShare: 1_000, // the remaining fifth is burned
  }
  return [
    { ...common, scheme: lower(deployment.proofScheme), arbiter: zeroAddress, arbiterFee: LEAST_BOND },
    {
      ...common,
      scheme: lower(deployment.arbiterScheme),
      arbiter: lower(accounts.arbiter.address),
      arbiterFee: ARBITER_FEE,
    },
  ]
}

/** Starts the matcher. A restart finds its database again, and comes back at the same address. */
export async function startStackMatcher(
  options: MatcherOptions,
): Promise<{ part: Part<MatcherReady>; ready: MatcherReady }> {
  const { dir, accounts, deployment, keystores, rpc, redis } = options
  const { escrow, leases, disputes, demands, arbiterScheme, proofScheme, machine, token } = deployment
  const schemes = developmentSchemes(deployment, accounts)
  const config: Omit<MatcherConfig, 'hotKey' | 'storeKey' | 'redisUrl'> & Record<string, unknown> = {
    port: options.port,
    dataDir: join(dir, 'matcher'),
    redisPrefix: redis.prefix,
    rpcUrl: rpc,
    publicRpcUrl: rpc,
    contracts: { escrow, leases, disputes, demands, arbiterScheme, proofScheme, machine },
    fromBlock: Number(deployment.block),
    hotKeystore: keystores.files.matcher,
    storeKeystore: keystores.files.store,
    passwordFile: keystores.passwordFile,
    feeTo: accounts.treasury.address,
    makerFee: 25,
    takerFee: 75,
    tokens: [{ address: token, symbol: TEST_TOKEN.symbol, decimals: TEST_TOKEN.decimals, faucet: true }],
    schemes: schemes.map((scheme) => ({ ...scheme, arbiterFee: scheme.arbiterFee.toString() })),
    ...options.changes,
  }
  const configFile = join(dir, 'matcher.json')
  mkdirSync(dir, { recursive: true })
  writeFileSync(configFile, JSON.stringify(config))
  const { part, ready } = await startPart<MatcherReady>({
    name: 'matcher',
    script: scriptPath('../../services/matcher/src/main.ts'),
    // A borrowed server's address may hold a password, and files of the stack are readable.
    env: { MATCHER_CONFIG: configFile, MATCHER_REDIS_URL: redis.url, ...options.env },
    logFile: join(dir, 'logs', 'matcher.log'),
    dir,
    readLine: (line) => readJson<MatcherReady>(line, 'event', 'url'),
  })
  const { port } = new URL(ready.url)
  return { ready, part: { ...part, restart: (env) => part.restart({ MATCHER_PORT: port, ...env }) } }
}

const lower = (address: `0x${string}`): `0x${string}` => address.toLowerCase() as `0x${string}`
