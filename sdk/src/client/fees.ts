/** What a transaction that must be in time offers for its gas. Pure. */

/** Wei for each unit of gas. */
export interface Fees {
  maxFeePerGas: bigint
  maxPriorityFeePerGas: bigint
}

export interface FeeMarket {
  baseFee: bigint
  /** What a transaction without haste gives to the block's builder. */
  tip: bigint
}

/** Percent of the fees before that nodes want for another transaction with the same nonce, at the least: 110. */
const REPLACEMENT = 113n

/** At the deadline, of the base fee and of the tip. A base fee grows eightfold in some eighteen full blocks. */
const MOST_BASE_FEES = 8
const MOST_TIPS = 64

/**
 * Wei for each unit of gas. What the base fee is the chain decides, whatever is offered; a tip is paid as it is offered, and
 * a node that lies about what is usual must not have all that an account holds.
 */
export const MOST_TIP = 1_000n * 10n ** 9n

/** Of the base fee, at the start. */
const FIRST_BASE_FEES = 2

/** In fixed point. */
const UNIT = 1_000n

/**
 * What to offer: more, the less time is left.
 *
 * @param spent share of the time that is gone, from 0 to 1
 */
export function feesAt({ baseFee, tip }: FeeMarket, spent: number): Fees {
  const at = Math.min(1, Math.max(0, spent))
  // The tip grows by a fixed factor each part of the time, the reach linearly: the one decides, the other allows.
  const maxPriorityFeePerGas = smaller(times(tip, MOST_TIPS ** at), MOST_TIP)
  const reach = FIRST_BASE_FEES + (MOST_BASE_FEES - FIRST_BASE_FEES) * at
  return { maxPriorityFeePerGas, maxFeePerGas: times(baseFee, reach) + maxPriorityFeePerGas }
}

/** The least fees that nodes take for a replacement. */
export function leastReplacement(before: Fees): Fees {
  const raised = (fee: bigint) => (fee * REPLACEMENT) / 100n + 1n
  return {
    maxFeePerGas: raised(before.maxFeePerGas),
    maxPriorityFeePerGas: raised(before.maxPriorityFeePerGas),
  }
}

/**
 * What to offer instead of `before`; undefined where that still is enough. Who is not mined though the fee would do
 * was dropped: the same transaction, sent again, is as good.
 */
export function replacementFees(before: Fees, market: FeeMarket, spent: number): Fees | undefined {
  const wanted = feesAt(market, spent)
  const least = leastReplacement(before)
  const enough =
    wanted.maxFeePerGas < least.maxFeePerGas && wanted.maxPriorityFeePerGas < least.maxPriorityFeePerGas
  if (enough) return undefined
  return {
    maxFeePerGas: larger(wanted.maxFeePerGas, least.maxFeePerGas),
    maxPriorityFeePerGas: larger(wanted.maxPriorityFeePerGas, least.maxPriorityFeePerGas),
  }
}

const times = (value: bigint, factor: number): bigint =>
  (value * BigInt(Math.round(factor * Number(UNIT)))) / UNIT

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b)
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b)
