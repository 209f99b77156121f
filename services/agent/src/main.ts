/**
 * An agent as a process of its own: its config comes as one JSON document on standard input, so that keys are
 * neither on a command line nor in an environment. Integers of money and fuel are decimal strings.
 *
 * stdout has one JSON object a line: `{"event":"ready",…}` and `{"event":"stopped","leases":[…]}`; stderr has
 * the log. The first Ctrl-C drains, the second forces.
 */
import { text } from 'node:stream/consumers'
import { signerFromKey } from '@millrace/sdk'
import { privateKeyToAccount } from 'viem/accounts'
import { z } from 'zod'
import { startAgent } from './agent.ts'
import { BadConfigError } from './config.ts'

/** Hex of so many bytes. The message must not hold the value: it may be a key. */
const hex = (bytes: number) =>
  z.custom<`0x${string}`>(
    (value) => typeof value === 'string' && new RegExp(`^0x[0-9a-fA-F]{${2 * bytes}}$`).test(value),
    `0x and ${bytes} bytes of hex`,
  )
const units = z.coerce.bigint().min(0n)

const documentSchema = z.strictObject({
  matcher: z.url(),
  privateKey: hex(32),
  /** Signs in leases; without it, the account's. */
  leaseKey: hex(32).optional(),
  rpcUrl: z.url().optional(),
  dataDir: z.string().min(1),
  token: hex(20).optional(),
  tokenPerEther: units.optional(),
  maxJobs: z.int().optional(),
  cpuShare: z.number().optional(),
  wallSeconds: z.number().optional(),
  lie: z.boolean().optional(),
  money: z.object({ redeemAbove: units, dust: units, tidyAfter: units }).partial().optional(),
  offer: z.strictObject({
    price: units,
    jobFuel: units.optional(),
    capacity: units.optional(),
    minFuel: units.optional(),
    maxFuel: units.optional(),
    collateral: units.optional(),
    retainer: units.optional(),
    claimFee: units.optional(),
    lateFee: units.optional(),
    memoryPages: z.int().optional(),
    maxLease: units.optional(),
    minGrace: units.optional(),
    maxWindow: units.optional(),
    maxDispute: units.optional(),
    lifetime: units.optional(),
  }),
})

function say(event: string, facts: object): void {
  const json = JSON.stringify({ event, ...facts }, (_, value) =>
    typeof value === 'bigint' ? value.toString() : value,
  )
  process.stdout.write(`${json}\n`)
}

async function main(): Promise<void> {
  const parsed = documentSchema.safeParse(JSON.parse(await text(process.stdin)))
  // Only where, not what: the document holds keys.
  if (!parsed.success) {
    throw new BadConfigError(
      parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    )
  }
  const { privateKey, leaseKey, ...config } = parsed.data
  const account = privateKeyToAccount(privateKey)
  const agent = await startAgent({ ...config, account, key: signerFromKey(leaseKey ?? privateKey) })
  const { offer, leases } = agent.status()
  say('ready', { account: account.address.toLowerCase(), pid: process.pid, offer: offer.offer, leases })

  let asked = 0
  const stop = () => {
    asked++
    void agent.stop({ force: asked > 1 })
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  await agent.drained
  say('stopped', { leases: agent.status().leases })
}

main().catch((error: unknown) => {
  const { name, message, code, remedy } = error as Error & { code?: string; remedy?: string }
  process.stderr.write(`${JSON.stringify({ level: 'fatal', name, code, message, remedy })}\n`)
  process.exitCode = 1
})
