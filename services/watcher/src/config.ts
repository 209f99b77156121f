/** What a watcher is told, and what it takes for granted where it is told nothing. */
import { DEFAULT_LIMITS } from '@millrace/machine'
import type { Logger } from 'pino'
import type { LocalAccount } from 'viem'

export interface WatcherConfig {
  /** The matcher's address: `https://…`. */
  readonly matcher: string
  /** Puts up the bonds, and is paid. Made from a keystore by the caller. */
  readonly account: LocalAccount
  /** A node of the market's chain; without it, the one that the matcher names. */
  readonly rpcUrl?: string
  /** Where the journal is kept. One watcher at a time. */
  readonly dataDir: string
  /** Of all results, how many to run again, from 0 to 1; all of them by default. */
  readonly share?: number
  /** What the draw depends on. Without it, a secret of the journal's own: who knows it knows which results nobody looks at. */
  readonly seed?: string
  /** The most fuel that a result may say it used. */
  readonly maxFuel?: bigint
  /** Longest run of one job, in seconds. */
  readonly maxRunSeconds?: number
  /** Most linear memory of a job, in pages of 64 KiB. */
  readonly memoryPages?: number
  /** Results that are run again at the same time, and games that are played at the same time. */
  readonly jobs?: number
  /** Share of one CPU for what is run again, above 0 and at most 1. Games take what they need. */
  readonly cpuShare?: number
  /** Challenges too where an arbiter judges. */
  readonly arbiters?: boolean
  /**
   * What 10^18 wei are worth in base units of the leases' token: with it, no lie is challenged whose reward does not pay
   * the gas.
   */
  readonly tokenPerEther?: bigint
  /** Looks at what is there, plays its games to their ends, and stops. */
  readonly once?: boolean
  readonly log?: Logger
  readonly signal?: AbortSignal
}

/** The config with its defaults, checked. */
export interface Settings {
  readonly share: number
  readonly maxFuel: bigint
  readonly wallMs: number
  readonly memoryPages: number
  readonly jobs: number
  readonly cpuShare: number
  readonly arbiters: boolean
  readonly tokenPerEther: bigint | undefined
}

/** A value that no watcher can run with. */
export class BadConfigError extends Error {
  override readonly name = 'BadConfigError'
  readonly code = 'bad-config'
  readonly retryable = false
  readonly remedy = 'Change the option that is named.'
}

const MAX_FUEL = 1_000_000_000_000n
const RUN_SECONDS = 3_600

export function settle(config: WatcherConfig): Settings {
  const {
    share = 1,
    maxFuel = MAX_FUEL,
    maxRunSeconds = RUN_SECONDS,
    memoryPages = DEFAULT_LIMITS.maxPages,
  } = config
  const { jobs = 1, cpuShare = 1, arbiters = false, tokenPerEther } = config
  check(share >= 0 && share <= 1, 'share', 'goes from 0 to 1')
  check(maxFuel > 0n, 'maxFuel', 'is above 0')
  check(maxRunSeconds > 0, 'maxRunSeconds', 'is above 0')
  check(memoryPages >= 1 && memoryPages <= 65_536, 'memoryPages', 'goes from 1 to 65,536')
  check(Number.isInteger(jobs) && jobs >= 1, 'jobs', 'is a whole number from 1')
  check(cpuShare > 0 && cpuShare <= 1, 'cpuShare', 'is above 0 and at most 1')
  return {
    share,
    maxFuel,
    wallMs: maxRunSeconds * 1_000,
    memoryPages,
    jobs,
    cpuShare,
    arbiters,
    tokenPerEther,
  }
}

function check(holds: boolean, option: string, rule: string): void {
  if (!holds) throw new BadConfigError(`\`${option}\` ${rule}.`)
}
