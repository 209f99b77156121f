/** Refusals of `Escrow`. */
import { contractError } from './contractError.ts'

export class InsufficientFundsError extends contractError('InsufficientFunds', {
  message: ({ account, token, free, wanted }) =>
    `${account} has ${free} base units of ${token} free and needs ${wanted}: ${wanted - free} are missing.`,
  remedy:
    'Deposit what is missing with `deposit`, or wait until locked funds come free (`getFunds` says when).',
}) {}

export class NotTheBookError extends contractError('NotTheBook', {
  message: ({ caller }) => `${caller} is not the lease book, which alone moves locked funds.`,
  remedy: 'Call the lease book instead.',
}) {}

export class NothingArrivedError extends contractError('NothingArrived', {
  message: ({ token }) => `No ${token} arrived in the escrow.`,
  remedy: 'Deposit more than zero of a token that does what transfer says.',
}) {}

export class AmountTooLargeError extends contractError('AmountTooLarge', {
  message: ({ amount }) => `${amount} does not fit the 128 bits that balances are kept in.`,
  remedy: 'Use a smaller amount.',
}) {}

export class OverSpendingCapError extends contractError('OverSpendingCap', {
  message: ({ account, operator, token, left, wanted }) =>
    `${operator} may lock ${left} more base units of ${token} for ${account}; the order needs ${wanted}.`,
  remedy: 'Let the account raise the cap with `setOperator`.',
}) {}

export class NotAnOperatorError extends contractError('NotAnOperator', {
  message: ({ account, signer, token }) => `${signer} may not sign orders over ${token} for ${account}.`,
  remedy: 'Sign with the account itself, or let it name the key with `setOperator`.',
}) {}

export class NotConservedError extends contractError('NotConserved', {
  message: ({ token, excess }) => `The movements of ${token} do not add up: ${excess} too much.`,
  remedy: 'This is a fault of the contracts: please report it.',
}) {}
