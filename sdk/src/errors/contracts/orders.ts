/** Refusals to open a lease. */
import { contractError } from './contractError.ts'
import { time } from './time.ts'

/** Which limit of two orders did not fit, in the order of the contract's enum. */
export const LIMITS = [
  'price',
  'job-fuel',
  'max-fuel',
  'collateral',
  'retainer',
  'claim-fee',
  'late-fee',
  'memory',
  'duration',
  'grace',
  'window',
  'dispute',
  'least-window',
  'least-dispute',
] as const

export class BadOrderSignatureError extends contractError('BadOrderSignature', {
  message: ({ account, digest, signer }) => `Order ${digest} is signed by ${signer}, not for ${account}.`,
  remedy: 'Sign the order again with the account or with an operator that it named.',
}) {}

export class OrderExpiredError extends contractError('OrderExpired', {
  message: ({ digest, expiry }) => `Order ${digest} was good before ${time(expiry)}.`,
  remedy: 'Sign a new order.',
}) {}

export class NonceSpentError extends contractError('NonceSpent', {
  message: ({ account, nonce }) => `Nonce ${nonce} of ${account} is cancelled or already burned by a lease.`,
  remedy: 'If the order has a lease, there is nothing to do; else sign a new order with another nonce.',
}) {}

export class TokensDifferError extends contractError('TokensDiffer', {
  message: ({ ask, bid }) => `The ask is in ${ask}, the bid in ${bid}.`,
  remedy: 'Match orders of one token.',
}) {}

export class WrongProviderError extends contractError('WrongProvider', {
  message: ({ wanted, provider }) => `The bid wants ${wanted}; the ask is by ${provider}.`,
  remedy: 'Match the bid with an ask of the provider that it names.',
}) {}

export class MisfitError extends contractError('Misfit', {
  message: ({ limit, ask, bid }) =>
    `The orders do not fit in ${LIMITS[limit]}: ${ask} in the ask, ${bid} in the bid.`,
  remedy: 'Match other orders, or sign a new one whose limit fits.',
}) {}

export class WrongSeqError extends contractError('WrongSeq', {
  message: ({ bid, expected, seq }) => `Bid ${bid} stands at ${expected}, and this match is for ${seq}.`,
  remedy: 'The match was opened already, or another came between: read `filled` and match what is left.',
}) {}

export class OverFilledError extends contractError('OverFilled', {
  message: ({ digest, left, fuel }) => `Order ${digest} has ${left} fuel left; ${fuel} was asked for.`,
  remedy: 'Match no more than what is left.',
}) {}

export class FillTooSmallError extends contractError('FillTooSmall', {
  message: ({ digest, least, fuel }) =>
    `Order ${digest} opens no lease below ${least} fuel; this one has ${fuel}.`,
  remedy: 'Match at least so much.',
}) {}

export class NotAllOfItError extends contractError('NotAllOfIt', {
  message: ({ bid, wanted, fuel }) =>
    `Bid ${bid} carries a job and is all or nothing: ${wanted} fuel, not ${fuel}.`,
  remedy: 'Match the bid whole.',
}) {}

export class NoAttemptLeftError extends contractError('NoAttemptLeft', {
  message: ({ bid, attempts, seq }) =>
    `Bid ${bid} grants ${attempts} attempts; this is number ${seq} from 0.`,
  remedy: 'Sign a new bid for the job.',
}) {}

export class NotThePreviousAttemptError extends contractError('NotThePreviousAttempt', {
  message: ({ bid, seq }) =>
    `The terms shown are not those of the attempt before number ${seq} of bid ${bid}.`,
  remedy: 'Show the terms of that attempt in `previous`.',
}) {}

export class PreviousAttemptStandsError extends contractError('PreviousAttemptStands', {
  message: ({ id }) => `The attempt before, lease ${id}, was paid or can still be claimed.`,
  remedy: 'Wait until it can be claimed no more.',
  retryable: true,
}) {}

export class SchemeNotAcceptedError extends contractError('SchemeNotAccepted', {
  message: ({ leaf, wanted, root }) =>
    `Scheme ${leaf} is not the bid's ${wanted}, or not under the ask's root ${root}.`,
  remedy: 'Name a scheme that the ask accepts, with its proof.',
}) {}

export class BondTooSmallError extends contractError('BondTooSmall', {
  message: ({ bond, arbiterFee }) => `A bond of ${bond} does not pay the arbiter's ${arbiterFee}.`,
  remedy: "Sign a bid whose bond is at least the arbiter's fee.",
}) {}

export class FeeTooHighError extends contractError('FeeTooHigh', {
  message: ({ fee }) => `A fee of ${fee} basis points is more than the whole.`,
  remedy: 'Sign an order with a fee of at most 10,000.',
}) {}

export class EndsInThePastError extends contractError('EndsInThePast', {
  message: ({ end }) => `The lease would have ended at ${time(end)}.`,
  remedy: 'Sign a new bid with a later end.',
}) {}

export class NoFuelError extends contractError('NoFuel', {
  message: () => 'A lease of no fuel.',
  remedy: 'Ask for some.',
}) {}
