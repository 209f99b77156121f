/** The states of a lease, in the order of the contract's enum `LeaseStatus`. */
export const LEASE_STATES = [
  'none',
  'open',
  'stopped',
  'claimed',
  'declined',
  'unclaimed',
  'slashed',
  'closed',
  'final',
] as const
export type LeaseStatus = (typeof LEASE_STATES)[number]
