/** What every action takes first: where the matcher is, who acts, and how the world is reached. */
import type { Program, RunLimits, RunResult } from '@millrace/machine'
import { http, type Transport } from 'viem'
import type { Market } from '../api/market.ts'
import type { DocumentSigner } from '../documents/signed.ts'
import { NoAccountError } from '../errors/client.ts'
import type { Tracer } from '../proof/tracer.ts'
import type { MillraceAccount } from './account.ts'

/** Runs a program to its result, on whatever has the time and the stack for it. */
export type Runner = (program: Program, input: Uint8Array, limits: RunLimits) => Promise<RunResult>

/** Makes the tracer of one job. */
export type TracerOpener = (job: {
  program: Program
  input: Uint8Array
  fuel: bigint
  outputMax: number
  signal?: AbortSignal
}) => Promise<Tracer>

export interface ClientOptions {
  /** The matcher's address: `http://127.0.0.1:8080`. */
  matcher: string
  /** Signs orders and sends transactions. Reading needs none. */
  account?: MillraceAccount
  /** Signs inside leases; orders name its address. Without it, the account does. */
  key?: DocumentSigner
  /** A node of the market's chain; without it, the one that the matcher names. */
  rpcUrl?: string
  /** The same as a viem transport. */
  transport?: Transport
  fetch?: typeof globalThis.fetch
  /**
   * Runs jobs again for `verify`; without it, the calling thread does. A thread with the machine's
   * `NATIVE_STACK_BYTES` of stack takes programs that recurse deeply too, and leaves the caller free meanwhile.
   */
  runner?: Runner
  /** Runs jobs on the step machine where a result is to be proven wrong; without it, the calling thread does. */
  tracer?: TracerOpener
  /** How often the chain is asked for news, in milliseconds. */
  pollingInterval?: number
  /** In [0, 1): jitter and nonces. */
  random?: () => number
  /** Unix milliseconds. */
  now?: () => number
}

export interface Cache {
  market?: Promise<Market>
  /** The last transaction on its way: the next one waits for its nonce. */
  sending?: Promise<unknown>
  /** Nonces of transactions that are sent again until they are mined: nobody else takes them, though nodes forget. */
  inFlight?: Set<number>
}

export interface MillraceClient {
  readonly matcher: string
  readonly account?: MillraceAccount
  readonly key?: DocumentSigner
  readonly transport?: Transport
  readonly fetch: typeof globalThis.fetch
  readonly runner?: Runner
  readonly tracer?: TracerOpener
  readonly pollingInterval: number
  readonly random: () => number
  readonly now: () => number
  /** One object a client, that what belongs to it hangs on: its market, its chain, its event stream. */
  readonly cache: Cache
}

export function createMillraceClient(options: ClientOptions): MillraceClient {
  const { account, rpcUrl } = options
  return {
    matcher: options.matcher.replace(/\/+$/, ''),
    account,
    key: options.key ?? account,
    transport: options.transport ?? (rpcUrl ? http(rpcUrl) : undefined),
    // Called as a bare function: a browser's fetch refuses another `this`.
    fetch: options.fetch ?? ((...parameters) => globalThis.fetch(...parameters)),
    runner: options.runner,
    tracer: options.tracer,
    pollingInterval: options.pollingInterval ?? 500,
    random: options.random ?? Math.random,
    now: options.now ?? Date.now,
    cache: {},
  }
}

/** The client's account. Throws where it has none. */
export function accountOf(client: MillraceClient, needed: string): MillraceAccount {
  if (!client.account) throw new NoAccountError({ needed })
  return client.account
}

/** The key that signs inside leases. Throws where there is none. */
export function keyOf(client: MillraceClient, needed: string): DocumentSigner {
  if (!client.key) throw new NoAccountError({ needed })
  return client.key
}

/** Unix seconds. */
export function secondsOf(client: MillraceClient): bigint {
  return BigInt(Math.floor(client.now() / 1000))
}
