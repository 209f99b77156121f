/** What a caller may say about a job or a lease, and what holds where it says nothing. */
import type { Address, Hex } from 'viem'
import type { Market } from '../api/market.ts'
import { leastDispute, leastWindow } from '../proof/times.ts'
import type { DepositPolicy } from './funding.ts'
import type { Times } from './offer.ts'
import type { OnPhase } from './phase.ts'

/** What orders are made of, besides the program and its input. */
export interface OrderOptions {
  token?: Address
  /** Seconds that one attempt at a job, or a lease, may take. */
  time?: number
  /** Seconds in which a result can be challenged. */
  window?: number
  /** Seconds that a dispute may take. */
  disputeLimit?: number
  /** Only this provider. */
  provider?: Address
  /** Scheme leaf; without it, the first of the market's that an offer accepts. */
  scheme?: Hex
  /** Least collateral per gigafuel; without it, as much as the work costs, where the offer puts up so much. */
  collateral?: bigint
  /** What to do where the escrow holds too little; without it, say how much is missing. */
  deposit?: DepositPolicy
}

/** `'rerun'` and `true` are the same. */
export type Verify = boolean | 'rerun'

export interface FollowOptions {
  /** Runs the job again on this machine, contests a wrong result, and proves it where the lease's scheme takes proofs. */
  verify?: Verify
  deposit?: DepositPolicy
  onPhase?: OnPhase
  /** Detaches: the job goes on, and `resume` with the order of the `signed` phase comes back to it. */
  signal?: AbortSignal
  /** Milliseconds to wait for a result; without it, as long as the bid can be served. */
  timeout?: number
}

/** About ten seconds of a fast core: a default that is too high only locks more for a while. */
export const DEFAULT_FUEL = 10n * 10n ** 9n

/** Most bytes of output where nobody says, if the market carries as much. */
const DEFAULT_OUTPUT = 1 << 20

/** The default of a job's `outputMax`: it must fit in a blob too. */
export function defaultOutput({ blobBytes }: Pick<Market['limits'], 'blobBytes'>): number {
  return Math.min(DEFAULT_OUTPUT, blobBytes)
}

const MINUTE = 60

/** Times that nobody names are long enough for whoever is right to prove it, whatever the largest job does. */
export function timesOf(
  { time, window, disputeLimit }: OrderOptions,
  largest: { fuel: bigint; memoryPages: number },
  defaultTime = 2 * MINUTE,
): Times {
  const { fuel, memoryPages } = largest
  const [ownWindow, ownLimit] = [leastWindow(fuel), leastDispute(fuel, memoryPages)]
  const usual = 10n * BigInt(MINUTE)
  return {
    time: BigInt(time ?? defaultTime),
    window: window === undefined ? most(usual, ownWindow) : BigInt(window),
    disputeLimit: disputeLimit === undefined ? most(usual, ownLimit) : BigInt(disputeLimit),
  }
}

const most = (a: bigint, b: bigint): bigint => (a > b ? a : b)
