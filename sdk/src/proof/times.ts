/**
 * Whether a run fits the clock of a lease. The contract's clocks (`Clock.sol`), in 64ths of the time that a case has: ten
 * for the challenger; forty for the provider, who may have to answer for several results at once; eight for all moves
 * together; six to end the game.
 */
import type { Side } from './game.ts'
import { fuelOfLevel, levelOf, SECTIONS } from './split.ts'

const PARTS = 64n
const SHARES: Readonly<Record<Side, bigint>> = { provider: 40n, challenger: 10n }
const EXTENSIONS = 8n

/**
 * Fuel a second that one run on the step machine does at least, whatever the program: whoever signs a job may want the
 * other side to lose by its clock. Measured by `node bench/dispute/pace.ts`, on a busy machine: 25 million where every load
 * misses the caches. Programs that people write do 271 million (a hash table) to some billions.
 */
export const PROOF_PACE = 20_000_000n

/**
 * Bytes of changed memory a second that an ordinary core hashes at least, with finding them. Measured likewise, of
 * programs that rewrite all of their memory: 100 million.
 */
export const HASH_PACE = 60_000_000n

/** States of a split, with the one that it begins with. */
const STATES = BigInt(SECTIONS + 1)

/** The most memory that one unit of fuel has hashed again: a store costs three, and is hashed with 512 bytes around it. */
const BYTES_OF_UNIT = 171n
const WASM_PAGE_BYTES = 65_536n

/** A transaction: a block, its neighbours, and a fee that was too low at first. */
export const MOVE_SECONDS = 30n

/** Of a side's work over a whole game to one run of the program, in percent. */
const WORK = 130n

/** A side's clock when a game opens, in seconds; extensions apart. */
export function clockOf(disputeLimit: bigint, side: Side = 'challenger'): bigint {
  return (disputeLimit * SHARES[side]) / PARTS
}

/**
 * Seconds that a side needs to play a game over such a run to its end.
 *
 * @param memoryPages that the program may have: one that rewrites much memory takes far longer to hash than to run
 */
export function playSeconds(fuel: bigint, memoryPages = 0): bigint {
  const run = ceil(fuel * WORK, PROOF_PACE * 100n)
  const hashing = ceil(hashedBytes(fuel, memoryPages), HASH_PACE)
  return run + hashing + MOVE_SECONDS * movesOf(levelOf(fuel))
}

/** What of that a processor is busy with, to the millisecond. */
export function workSeconds(fuel: bigint, memoryPages = 0): number {
  const run = ceil(fuel * WORK * 10n, PROOF_PACE)
  return Number(run + ceil(hashedBytes(fuel, memoryPages) * 1_000n, HASH_PACE)) / 1_000
}

/** Of the states of all splits: each has all memory at most, and no more than the fuel of its sections can change. */
function hashedBytes(fuel: bigint, memoryPages: number): bigint {
  const most = STATES * BigInt(memoryPages) * WASM_PAGE_BYTES
  let bytes = 0n
  for (let changed = fuel * BYTES_OF_UNIT; changed > 0n; changed /= BigInt(SECTIONS))
    bytes += min(changed, most)
  return bytes
}

/** The least `disputeLimit`, seconds, in whose clock either side can play about jobs of so much fuel and memory. */
export function leastDispute(maxFuel: bigint, memoryPages = 0): bigint {
  let least = 0n
  // A smaller job may have a game whose clock gets fewer extensions.
  for (let level = levelOf(0n); level <= levelOf(maxFuel); level++) {
    const fuel = min(maxFuel, fuelOfLevel(level))
    const extensions = ((movesOf(level) - 1n) * EXTENSIONS * 1_000n) / BigInt(level)
    const limit = ceil(
      playSeconds(fuel, memoryPages) * PARTS * 1_000n,
      SHARES.challenger * 1_000n + extensions,
    )
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
  /** Most memory of its program. */
  memoryPages?: number
  /** Seconds. */
  disputeLimit: bigint
  /** Seconds. */
  window: bigint
}

/** Whether whoever is right has the time to prove it. */
export function fitsClock({ maxFuel, memoryPages, disputeLimit, window }: Limits): boolean {
  return disputeLimit >= leastDispute(maxFuel, memoryPages) && window >= leastWindow(maxFuel)
}

/** The most fuel of a job that fits; 0 where none does. */
export function mostFuelOf(limits: Omit<Limits, 'maxFuel'>): bigint {
  let [fits, not] = [0n, 2n ** 64n]
  while (not - fits > 1n) {
    const fuel = (fits + not) / 2n
    if (fitsClock({ ...limits, maxFuel: fuel })) fits = fuel
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
