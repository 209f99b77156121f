/** Fees of the hot key's transactions, wei per gas. */
export interface Fees {
  maxFeePerGas: bigint
  maxPriorityFeePerGas: bigint
}

/** Twice the base fee outlives six full blocks in a row, each of which raises it by an eighth. */
const HEADROOM = 2n

export function freshFees(baseFee: bigint, tip: bigint): Fees {
  return { maxFeePerGas: baseFee * HEADROOM + tip, maxPriorityFeePerGas: tip }
}

/**
 * Fees of a replacement: nodes take none that offers less than a tenth more of both, and it should fit the
 * base fee of today.
 */
export function bumpedFees(old: Fees, baseFee: bigint, tip: bigint): Fees {
  const fresh = freshFees(baseFee, tip)
  const raise = (fee: bigint) => (fee * 1_125n) / 1_000n + 1n
  const larger = (a: bigint, b: bigint) => (a > b ? a : b)
  return {
    maxFeePerGas: larger(raise(old.maxFeePerGas), fresh.maxFeePerGas),
    maxPriorityFeePerGas: larger(raise(old.maxPriorityFeePerGas), fresh.maxPriorityFeePerGas),
  }
}
