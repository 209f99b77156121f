/** Prices and fees as the contracts compute them, to the unit. Amounts are base units of the lease's token. */

/** Fuel in one gigafuel: what prices are for. */
export const GIGAFUEL = 10n ** 9n

/** Basis points in the whole. */
export const BASIS = 10_000n

/** What a job earns at `price` a gigafuel. What is paid rounds down. */
export function amountOf(price: bigint, fuelUsed: bigint, jobFuel = 0n): bigint {
  return (price * (fuelUsed + jobFuel)) / GIGAFUEL
}

/** The fee of `rate` basis points on all that was paid so far, rounded down. */
export function feeOf(amount: bigint, rate: number): bigint {
  return (amount * BigInt(rate)) / BASIS
}

/** What is put up for `fuel` at `rate` a gigafuel. What is put up rounds up: a lock always covers what it is for. */
export function lockOf(rate: bigint, fuel: bigint): bigint {
  return ceilDiv(rate * fuel, GIGAFUEL)
}

export function ceilDiv(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor
}
