/** A whole market on one computer: for `npm start`, end-to-end tests and benchmarks. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { MatcherConfig } from '@millrace/matcher'
import { type DevelopmentStack, isAlive, stackFile } from '../../cli/src/config/developmentStack.ts'
import type { Deployment } from '../deploy.ts'
import { buildContracts } from './buildContracts.ts'
import { deployContracts } from './deployContracts.ts'
import {
  type DevelopmentAccounts,
  type DevelopmentRole,
  developmentAccounts,
} from './development-accounts.ts'
import { type PartFailedError, StackRunningError } from './errors.ts'
import { ensureFree } from './freePort.ts'
import { fundAccounts } from './fundAccounts.ts'
import { clearLeftovers } from './leftovers.ts'
import { type ArbiterReady, startArbiter } from './parts/arbiter.ts'
import { type ChainReady, startChain } from './parts/chain.ts'
import { type MatcherReady, startStackMatcher } from './parts/matcher.ts'
import { type ProviderReady, startProvider } from './parts/provider.ts'
import { type RedisReady, startStackRedis } from './parts/redis.ts'
import { startWatcher, type WatcherReady } from './parts/watcher.ts'
import type { Part } from './startPart.ts'
import { type Keystores, writeKeystores } from './writeKeystores.ts'

/** What happens while a stack starts, in this order but for what can happen at once. */
export const STEPS = [
  'contracts',
  'chain',
  'redis',
  'deploy',
  'funds',
  'matcher',
  'providers',
  'arbiter',
  'watcher',
] as const
export type Step = (typeof STEPS)[number]

export type ProviderRole = 'provider1' | 'provider2' | 'liar'

export interface StackOptions {
  /** Everything is kept in `.millrace` inside of it; what an earlier stack left there is removed. */
  readonly dir: string
  /** 0, the default, takes any that is free. */
  readonly ports?: { readonly chain?: number; readonly matcher?: number; readonly redis?: number }
  /** A Redis that is up already, to be used under a prefix; without it, one is started. */
  readonly redisUrl?: string | undefined
  /** Which providers; all three without it. */
  readonly providers?: readonly ProviderRole[]
  readonly arbiter?: boolean
  /** Whether somebody runs all results again; without it, nobody does. */
  readonly watcher?: boolean
  /** Settings of the matcher to change. */
  readonly matcher?: Partial<MatcherConfig>
  /** Further variables of a part's environment, such as `FAULT_AT`. */
  readonly env?: Partial<Record<'matcher' | 'watcher' | ProviderRole, Readonly<Record<string, string>>>>
  /** Further words for `millrace provide`. */
  readonly providerArgs?: Partial<Record<ProviderRole, readonly string[]>>
  /** Further words for `millrace watch`. */
  readonly watcherArgs?: readonly string[]
  /** Base units that each account gets, in the escrow and again in its wallet. */
  readonly amount?: bigint
  readonly onStep?: (step: Step, work: Promise<unknown>) => void
  /** Hears what an earlier stack had left running. */
  readonly onLeftovers?: (ended: readonly string[]) => void
}

export interface Stack {
  readonly dir: string
  readonly urls: { readonly matcher: string; readonly rpc: string; readonly redis: string }
  readonly deployment: Deployment
  readonly accounts: DevelopmentAccounts
  readonly keystores: Keystores
  readonly chain: Part<ChainReady>
  readonly redis: Part<RedisReady>
  readonly matcher: Part<MatcherReady>
  readonly providers: Readonly<Partial<Record<ProviderRole, Part<ProviderReady>>>>
  readonly arbiter: Part<ArbiterReady> | undefined
  readonly watcher: Part<WatcherReady> | undefined
  /** Hears of a part that ended without being asked to. */
  onCrash(listener: (error: PartFailedError) => void): void
  /** Ends every process, in order. */
  stop(): Promise<void>
}

/** The cheaper one gets the first job; the liar is dear, so that nobody meets it who does not ask for it. */
const PRICES: Readonly<Record<ProviderRole, string>> = { provider1: '0.1', provider2: '0.12', liar: '0.15' }

const FUNDED: readonly DevelopmentRole[] = [
  ...(['tasker', 'provider1', 'provider2', 'liar', 'spare', 'arbiter', 'watcher'] as const),
]
const DEFAULT_AMOUNT = 10_000n * 10n ** 18n

/** Starts a stack; if any part fails, ends those that are up and tells which. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const folder = join(options.dir, '.millrace')
  const dir = join(folder, 'stack')
  refuseSecond(options.dir)
  const leftovers = clearLeftovers(dir)
  if (leftovers.length > 0) options.onLeftovers?.(leftovers)

  const starting: Promise<{ part: Part<unknown> }>[] = []
  const stopAll = async () => {
    // One that still starts while another failed must end too.
    const settled = await Promise.allSettled(starting)
    const parts = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value.part] : []))
    await stop(options.dir, parts)
  }
  try {
    const stack = await startParts(options, dir, (part) => starting.push(part))
    writeDescription(options.dir, stack)
    return { ...stack, stop: stopAll }
  } catch (error) {
    await stopAll()
    throw error
  }
}

async function startParts(
  options: StackOptions,
  dir: string,
  keep: (starting: Promise<{ part: Part<unknown> }>) => void,
): Promise<Omit<Stack, 'stop'>> {
  const { ports = {}, onStep, amount = DEFAULT_AMOUNT } = options
  const step = <T>(name: Step, work: Promise<T>): Promise<T> => {
    work.catch(() => {}) // whoever awaits it hears of it; others must not crash meanwhile
    onStep?.(name, work)
    return work
  }
  const kept = <R>(starting: Promise<{ part: Part<R>; ready: R }>) => {
    keep(starting as Promise<{ part: Part<unknown> }>)
    return starting
  }
  await ensureFree('chain', ports.chain ?? 0, '--chain-port')
  await ensureFree('matcher', ports.matcher ?? 0, '--port')
  await ensureFree('redis', ports.redis ?? 0, '--redis-port')

  const accounts = developmentAccounts()
  const writing = writeKeystores(dir, accounts)
  const building = step('contracts', buildContracts())
  const starting = step('chain', kept(startChain(dir, ports.chain ?? 0)))
  const caching = step('redis', kept(startStackRedis({ dir, port: ports.redis ?? 0, url: options.redisUrl })))
  const [chain, redis, keystores] = await Promise.all([starting, caching, writing, building])
  const { rpc } = chain.ready

  const deployment = await step('deploy', deployContracts(rpc, accounts.deployer))
  const addresses = FUNDED.map((role) => accounts[role].address)
  const funding = fundAccounts({ rpc, deployment, from: accounts.deployer, accounts: addresses, amount })
  const matching = startStackMatcher({
    ...{ dir, rpc, redis: redis.ready, deployment, accounts, keystores },
    port: ports.matcher ?? 0,
    changes: options.matcher,
    env: options.env?.matcher,
  })
  const [matcher] = await Promise.all([step('matcher', kept(matching)), step('funds', funding)])

  const roles = options.providers ?? (['provider1', 'provider2', 'liar'] as const)
  const common = { dir, matcher: matcher.ready.url, passwordFile: keystores.passwordFile }
  const providing = roles.map((role) =>
    kept(
      startProvider({
        ...common,
        name: role,
        keystore: keystores.files[role],
        price: PRICES[role],
        lie: role === 'liar',
        args: options.providerArgs?.[role],
        env: options.env?.[role],
      }),
    ),
  )
  const arbitrating =
    options.arbiter === false
      ? Promise.resolve(undefined)
      : kept(startArbiter({ ...common, keystore: keystores.files.arbiter }))
  // With money for bonds: it may find something at once.
  const watching = options.watcher
    ? kept(
        startWatcher({
          ...common,
          keystore: keystores.files.watcher,
          args: options.watcherArgs,
          env: options.env?.watcher,
        }),
      )
    : Promise.resolve(undefined)
  const [providers, arbiter, watcher] = await Promise.all([
    step('providers', Promise.all(providing)),
    step('arbiter', arbitrating),
    step('watcher', watching),
  ])
  const others = [arbiter?.part, watcher?.part, ...providers.map(({ part }) => part)]
  const all = [chain.part, redis.part, matcher.part, ...others]
  return {
    dir,
    urls: { matcher: matcher.ready.url, rpc, redis: redis.ready.url },
    ...{ deployment, accounts, keystores },
    chain: chain.part,
    redis: redis.part,
    matcher: matcher.part,
    providers: Object.fromEntries(providers.map(({ part }, index) => [roles[index], part])),
    arbiter: arbiter?.part,
    watcher: watcher?.part,
    onCrash: (listener) => {
      for (const part of all) part?.onCrash(listener)
    },
  }
}

/** Ends parts in the opposite order of dependence: providers take their offers back while there is a matcher. */
async function stop(folder: string, parts: readonly Part<unknown>[]): Promise<void> {
  rmSync(stackFile(folder), { force: true })
  const last = ['matcher', 'redis', 'chain']
  await Promise.all(parts.filter(({ name }) => !last.includes(name)).map((part) => part.stop()))
  for (const name of last) await parts.find((part) => part.name === name)?.stop()
}

function refuseSecond(folder: string): void {
  const file = stackFile(folder)
  if (!existsSync(file)) return
  const { pid } = JSON.parse(readFileSync(file, 'utf8')) as DevelopmentStack
  if (pid !== process.pid && isAlive(pid)) throw new StackRunningError(pid, folder)
}

function writeDescription(folder: string, { dir, urls, accounts, keystores }: Omit<Stack, 'stop'>): void {
  const stored = (role: DevelopmentRole) => ({ address: accounts[role].address, file: keystores.files[role] })
  const description: DevelopmentStack = {
    pid: process.pid,
    matcher: urls.matcher,
    rpc: urls.rpc,
    keystores: { tasker: stored('tasker'), provider: stored('spare'), arbiter: stored('arbiter') },
    passwordFile: keystores.passwordFile,
    providerDir: join(dir, 'providers', 'own'),
  }
  const file = stackFile(folder)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(description, undefined, 2)}\n`)
}
