/** Refusals of `Leases` about a lease that is open. */
import { LEASE_STATES } from '../../documents/lease.ts'
import { contractError } from './contractError.ts'
import { time } from './time.ts'

export class NoSuchLeaseError extends contractError('NoSuchLease', {
  message: ({ id }) => `No lease ${id} was ever opened here.`,
  remedy: 'Check the terms to the last field: a lease is named by their hash.',
}) {}

export class WrongStatusError extends contractError('WrongStatus', {
  message: ({ id, status }) => `Lease ${id} is ${LEASE_STATES[status]}, where this cannot be done.`,
  remedy: 'Look at the lease with `getLease`; perhaps somebody was faster and nothing is left to do.',
}) {}

export class NotAPartyError extends contractError('NotAParty', {
  message: ({ id, caller }) => `${caller} is no party of lease ${id}.`,
  remedy: "Call with the tasker's or provider's account, or the key that the order named.",
}) {}

export class TooLateError extends contractError('TooLate', {
  message: ({ id, deadline }) => `For lease ${id} it was possible before ${time(deadline)}.`,
  remedy: 'Nothing brings it back; `getLease` says what can still be done.',
}) {}

export class TooEarlyError extends contractError('TooEarly', {
  message: ({ id, from }) => `For lease ${id} it will be possible from ${time(from)}.`,
  remedy: 'Wait until then.',
  retryable: true,
}) {}

export class JobLeaseCannotStopError extends contractError('JobLeaseCannotStop', {
  message: ({ id }) => `Lease ${id} carries one job and ends by itself.`,
  remedy: 'Wait for its end; the provider may decline.',
}) {}

export class VoucherStaleError extends contractError('VoucherStale', {
  message: ({ id, paid, owed }) => `Lease ${id} has paid ${paid} already; the voucher says ${owed}.`,
  remedy: 'Redeem a later voucher.',
}) {}

export class OverTheMostError extends contractError('OverTheMost', {
  message: ({ id, most, owed }) => `Lease ${id} can come to ${most} at most, not ${owed}.`,
  remedy: 'Sign no more than the lease can come to.',
}) {}

export class BadSignatureError extends contractError('BadSignature', {
  message: ({ digest, key, signer }) => `${digest} is signed by ${signer}, not by ${key}.`,
  remedy: 'Sign the document again with the key that the lease names.',
}) {}

export class BadClaimError extends contractError('BadClaim', {
  message: ({ count, sum }) =>
    `A claim of ${count} results over ${sum} is empty, has more than 2^20 places, or not one in a job lease.`,
  remedy: 'Claim between 1 and 1,048,576 results, in a job lease its only one.',
}) {}

export class StillContestedError extends contractError('StillContested', {
  message: ({ id, disputes, demands }) =>
    `Lease ${id} has ${disputes} open disputes and ${demands} open demands.`,
  remedy: 'Wait until they have ended; each has a deadline.',
  retryable: true,
}) {}

export class ThirdPartyDisputeError extends contractError('ThirdPartyDispute', {
  message: ({ id }) => `Somebody besides the tasker disputes a result of lease ${id}.`,
  remedy: 'Wait for the verdict: a lease is not closed over the head of a challenger.',
  retryable: true,
}) {}

export class NotTheSchemeError extends contractError('NotTheScheme', {
  message: ({ leaf, wanted }) => `Scheme ${leaf} is not the lease's ${wanted}.`,
  remedy: 'Show the scheme whose leaf the terms hold.',
}) {}

export class NotTheDocketError extends contractError('NotTheDocket', {
  message: ({ caller }) => `${caller} is neither the disputes nor the demands contract.`,
  remedy: 'Call one of those instead.',
}) {}

export class TooManyOpenError extends contractError('TooManyOpen', {
  message: ({ id }) => `Lease ${id} has no place for another: 255 disputes and 16 demands are open at most.`,
  remedy: 'Wait until one has ended.',
  retryable: true,
}) {}

export class TooLargeError extends contractError('TooLarge', {
  message: ({ value }) =>
    `${value} is more than an amount (96 bits) or a time (32 bits of seconds) can hold.`,
  remedy: 'Sign orders with lower prices, less fuel or shorter times.',
}) {}

export class WrongDeploymentError extends contractError('WrongDeployment', {
  message: ({ other }) => `The contract at ${other} names another address than the one deployed here.`,
  remedy: 'Deploy all four contracts anew, one after another from one account.',
}) {}
