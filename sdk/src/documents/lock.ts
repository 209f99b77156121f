/** What stands locked for a lease, as the lease book computes it. Amounts are base units of the lease's token. */
import type { LeaseStatus } from './lease.ts'
import { BASIS, ceilDiv, feeOf, lockOf } from './money.ts'
import type { Terms } from './terms.ts'

/** The parts of what a tasker locks when a lease opens. */
export interface LockParts {
  /** For all the fuel, flat fuel included. */
  compute: bigint
  retainer: bigint
  claimFee: bigint
  /** Of the order's matcher, on all of the above. */
  fee: bigint
}

export function taskerLockParts(
  terms: Pick<Terms, 'price' | 'fuel' | 'retainer' | 'claimFee' | 'taskerFee'>,
): LockParts {
  const { retainer, claimFee } = terms
  const compute = lockOf(terms.price, terms.fuel)
  return {
    compute,
    retainer,
    claimFee,
    fee: ceilDiv((compute + retainer + claimFee) * BigInt(terms.taskerFee), BASIS),
  }
}

/** The most that a lease can pay its provider, fees apart: `most` of the lease book. */
export function mostOf(terms: Parameters<typeof taskerLockParts>[0]): bigint {
  const { compute, retainer, claimFee } = taskerLockParts(terms)
  return compute + retainer + claimFee
}

/** The most that a lease can cost its tasker, all in. */
export function taskerLock(terms: Parameters<typeof taskerLockParts>[0]): bigint {
  return mostOf(terms) + taskerLockParts(terms).fee
}

/** What stands locked in a live lease: the tasker's rest is free once the provider declined or did not claim. */
export function lockedOf(lease: { terms: Terms; state: LeaseStatus; paid: bigint }): {
  tasker: bigint
  collateral: bigint
} {
  const { terms, state, paid } = lease
  const freed = state === 'declined' || state === 'unclaimed'
  const tasker = freed ? 0n : taskerLock(terms) - paid - feeOf(paid, terms.taskerFee)
  return { tasker, collateral: terms.collateral }
}
