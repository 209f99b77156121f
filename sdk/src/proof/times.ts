/**
 * Whether a run fits the clock of a lease. The contract's clocks (`Clock.sol`), in 64ths of the time that a case has: ten
 * for the challenger, ten for the provider and as many for each other case of its lease, up to forty; eight for all
 * moves together; six to end the game.
 */
import { fuelOfLevel, levelOf } from './split.ts'

const PARTS = 64n
const SHARE = 10n
const EXTENSIONS = 8n
const MOST_SHARES = 4

/** Fuel a second that one run on the step machine with hashing does at least on an ordinary core. */
export const PROOF_PACE = 200_000_000n

/** A transaction: a block, its neighbours, and a fee that was too low at first. */
export const MOVE_SECONDS = 30n

/** Of a side's work over a whole game to one run of the program, in percent. */
const WORK = 130n

/** The provider's clock, seconds, with so many other cases open in its lease. A challenger's is `clockOf(limit)`. */
export function clockOf(disputeLimit: bigint, others = 0): bigint {
  const shares = BigInt(Math.min(1 + others, MOST_SHARES))
  return (disputeLimit * SHARE * shares) / PARTS
}

/** Seconds that a side needs to play a game over such a run to its end. */
export function playSeconds(fuel: bigint): bigint {
  return ceil(fuel * WORK, PROOF_PACE * 100n) + MOVE_SECONDS * movesOf(levelOf(fuel))
}

/** The least `disputeLimit`, seconds, in whose clock either side can play about jobs of so much fuel. */
export function leastDispute(maxFuel: bigint): bigint {
  let least = 0n
  // A smaller job may have a game whose clock gets fewer extensions.
  for (let level = levelOf(0n); level <= levelOf(maxFuel); level++) {
    const fuel = min(maxFuel, fuelOfLevel(level))
    const extensions = ((movesOf(level) - 1n) * EXTENSIONS * 1_000n) / BigInt(level)
    const limit = ceil(playSeconds(fuel) * PARTS * 1_000n, SHARE * 1_000n + extensions)
    if (limit > least) least = limit
  }
  return least
}

/** The least `window`, seconds, in which anybody can run such a job again and challenge it. */
export function leastWindow(maxFuel: bigint): bigint {
  return ceil(maxFuel, PROOF_PACE) + 2n * MOVE_SECONDS
}

export interface Limits {
  /** Largest job. */
  maxFuel: bigint
  /** Seconds. */
  disputeLimit: bigint
  /** Seconds. */
  window: bigint
}

/** Whether whoever is right has the time to prove it. */
export function fitsClock({ maxFuel, disputeLimit, window }: Limits): boolean {
  return disputeLimit >= leastDispute(maxFuel) && window >= leastWindow(maxFuel)
}

/** The most fuel of a job that fits; 0 where none does. */
export function mostFuelOf({ disputeLimit, window }: Omit<Limits, 'maxFuel'>): bigint {
  let [fits, not] = [0n, 2n ** 64n]
  while (not - fits > 1n) {
    const fuel = (fits + not) / 2n
    if (fitsClock({ maxFuel: fuel, disputeLimit, window })) fits = fuel
    else not = fuel
  }
  return fits
}

/** Of one side at most: every other split, and a proof. */
function movesOf(level: number): bigint {
  return BigInt(Math.floor(level / 2) + 1)
}

const ceil = (value: bigint, by: bigint): bigint => (value + by - 1n) / by
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b)
