/** What an agent is told, and what it takes for granted where it is told nothing. */
import type { DocumentSigner, Scheme } from '@millrace/sdk'
import type { Logger } from 'pino'
import type { Address, LocalAccount } from 'viem'
import type { MoneyPolicy } from './money/decide.ts'
import type { Offer } from './offer/ask.ts'

export interface AgentConfig {
  /** The matcher's address: `https://…`. */
  readonly matcher: string
  /** Owns the collateral, signs asks and sends transactions. Made from a keystore by the caller. */
  readonly account: LocalAccount
  /** Signs acceptances and results; its own account can be one without money. Without it, `account` does. */
  readonly key?: DocumentSigner
  /** A node of the market's chain; without it, the one that the matcher names. */
  readonly rpcUrl?: string
  /** Where the journal is kept. One agent at a time. */
  readonly dataDir: string
  /** Without it, the market's first token. */
  readonly token?: Address
  /** Those that may judge; without it, all of the market's before whom a result can be defended. */
  readonly schemes?: readonly Scheme[]
  /**
   * Base units of the token that one Ether (10^18 wei) is worth. With it, no leaf is accepted whose least bond would not
   * pay for a defence's gas at eight times the base fee.
   */
  readonly tokenPerEther?: bigint
  /** Per gigafuel and the rest of the offer. */
  readonly offer: Partial<Offer> & Pick<Offer, 'price'>
  /** Jobs at the same time; 1 by default. */
  readonly maxJobs?: number
  /** Share of one CPU for each job, above 0 and at most 1; all of it by default. */
  readonly cpuShare?: number
  /** Longest run of one job, in seconds. */
  readonly wallSeconds?: number
  readonly money?: Partial<MoneyPolicy>
  /** The dishonest provider. Refused unless `MILLRACE_DEV` is 1. */
  readonly lie?: boolean
  readonly log?: Logger
  readonly signal?: AbortSignal
}

const GIGAFUEL = 10n ** 9n
const HOUR = 3_600n
const DAY = 24n * HOUR

/** The offer where nothing is said. Times are seconds. */
export const DEFAULT_OFFER: Omit<Offer, 'price' | 'collateral'> = {
  jobFuel: 0n,
  capacity: 10_000n * GIGAFUEL,
  minFuel: 1n,
  maxFuel: 1_000n * GIGAFUEL,
  retainer: 0n,
  claimFee: 0n,
  lateFee: 0n,
  // What a program gets that sets itself no bound: a smaller offer would refuse most C programs.
  memoryPages: 16_384,
  maxLease: DAY,
  minGrace: 60n,
  maxWindow: 7n * DAY,
  maxDispute: 7n * DAY,
  lifetime: HOUR,
}

/** Collateral where nothing is said: so many times the price, so that a lie costs more than it earns. */
const COLLATERAL_FACTOR = 10n

const DEFAULT_MONEY: MoneyPolicy = { redeemAbove: 2n ** 96n, dust: 0n, tidyAfter: 60n }
const DEFAULT_WALL_SECONDS = 600

/** The config with its defaults, checked. */
export interface Settings {
  readonly offer: Offer
  readonly maxJobs: number
  readonly cpuShare: number
  readonly wallMs: number
  readonly money: MoneyPolicy
  readonly lie: boolean
}

/** A value that no agent can run with. */
export class BadConfigError extends Error {
  override readonly name = 'BadConfigError'
  readonly code = 'bad-config'
  readonly retryable = false
  readonly remedy = 'Change the option that is named.'
}

export function settle(config: AgentConfig): Settings {
  const { price } = config.offer
  const { maxJobs = 1, cpuShare = 1, wallSeconds = DEFAULT_WALL_SECONDS, lie = false } = config
  const offer: Offer = { ...DEFAULT_OFFER, collateral: price * COLLATERAL_FACTOR, ...config.offer }
  check(price >= 0n, 'price', 'cannot be negative')
  check(offer.capacity >= offer.minFuel && offer.capacity > 0n, 'capacity', 'is less than the least lease')
  check(offer.memoryPages >= 1 && offer.memoryPages <= 65_536, 'memoryPages', 'goes from 1 to 65,536')
  check(Number.isInteger(maxJobs) && maxJobs >= 1, 'maxJobs', 'is a whole number from 1')
  check((config.tokenPerEther ?? 1n) > 0n, 'tokenPerEther', 'is above 0')
  check(cpuShare > 0 && cpuShare <= 1, 'cpuShare', 'is above 0 and at most 1')
  check(wallSeconds > 0, 'wallSeconds', 'is above 0')
  check(
    !lie || process.env.MILLRACE_DEV === '1',
    'lie',
    'works in a development stack only, where MILLRACE_DEV is 1',
  )
  return {
    offer,
    maxJobs,
    cpuShare,
    wallMs: wallSeconds * 1_000,
    money: { ...DEFAULT_MONEY, ...config.money },
    lie,
  }
}

function check(holds: boolean, option: string, rule: string): void {
  if (!holds) throw new BadConfigError(`\`${option}\` ${rule}.`)
}
