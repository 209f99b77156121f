/** Everything that can be set, with its unit and its default. README.md has the same table. */
import { address, contractsSchema, schemeSchema, tokenSchema } from '@millrace/sdk/api'
import type { Hex } from 'viem'
import { z } from 'zod'

const key = z.string().regex(/^0x[0-9a-f]{64}$/i) as unknown as z.ZodType<Hex, Hex>
const count = (most: number) => z.coerce.number().int().min(0).max(most)
const milliseconds = count(86_400_000)

export const configSchema = z.object({
  host: z.string().default('127.0.0.1'),
  /** 0: any free port. */
  port: count(65_535).default(0),
  /** Database, blobs and the lock are kept here. */
  dataDir: z.string().min(1),
  /** A Postgres server; without it, Postgres in this process. */
  databaseUrl: z.string().optional(),
  redisUrl: z.string(),
  /** Keys in Redis begin with it, so that several matchers can share a server. */
  redisPrefix: z.string().default('millrace'),
  rpcUrl: z.string(),
  /** After so long an answer of the node is not waited for any more; it is asked once again. */
  rpcTimeoutMs: milliseconds.default(10_000),
  /** What clients are told; without it they bring their own. */
  publicRpcUrl: z.string().optional(),
  contracts: contractsSchema,
  /** The block in which the contracts were deployed: nothing is looked for before it. */
  fromBlock: count(Number.MAX_SAFE_INTEGER).default(0),
  /** Pays gas; holds nothing else. */
  hotKey: key,
  /** Signs receipts of delivery; holds nothing. */
  storeKey: key,
  /** Who earns the matcher's fees; orders must grant exactly these. */
  feeTo: address,
  /** Basis points. */
  makerFee: count(10_000).default(0),
  /** Basis points. */
  takerFee: count(10_000).default(0),
  tokens: z.array(tokenSchema).min(1),
  schemes: z.array(schemeSchema).min(1),
  /** Blocks until the opening of a lease counts, by what its tasker locks: the last entry that it reaches. */
  confirmations: z
    .array(z.object({ from: z.coerce.bigint().min(0n), blocks: count(10_000) }))
    .default([{ from: 0n, blocks: 0 }]),
  /** Blocks after which a transaction of the hot key is not looked at any more. */
  settledBlocks: count(10_000).default(1),
  /** Between two looks at the chain. */
  pollMs: milliseconds.default(50),
  /** Wei per gas. */
  tip: z.coerce.bigint().min(0n).default(1_000_000_000n),
  /** After so long without being mined a transaction is replaced by one that pays more. */
  stuckMs: milliseconds.default(30_000),
  /** Matches and closings that come within it share a transaction. */
  batchWindowMs: milliseconds.default(10),
  /** Leases in one transaction. */
  batchMost: count(64).min(1).default(32),
  /** Between two comparisons of queues with journal and chain. */
  reconcileMs: milliseconds.default(30_000),
  blobBytes: count(2 ** 40).default(64 * 2 ** 20),
  /** Of all blobs together. */
  storeBytes: count(2 ** 50).default(8 * 2 ** 30),
  /** Stay free on the data directory's disk: below it, whatever would write is refused. */
  reserveBytes: count(2 ** 50).default(64 * 2 ** 20),
  inlineBytes: count(2 ** 20).default(16 * 2 ** 10),
  bodyBytes: count(2 ** 20).default(64 * 2 ** 10),
  /** Requests that a stranger may send at once, and how many more each second. A refused one counts fifty. */
  quotaBurst: count(10_000_000).default(20_000),
  quotaPerSecond: count(1_000_000).default(2_000),
  /** Streams of events of one address. */
  streamsPerAddress: count(10_000).default(256),
  /** Open orders of one account. */
  ordersPerAccount: count(100_000).default(1_024),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
})

export type MatcherConfig = z.input<typeof configSchema>
export type Config = z.output<typeof configSchema>
