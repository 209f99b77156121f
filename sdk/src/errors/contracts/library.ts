/** Refusals out of the library that the contracts stand on. */
import { contractError } from './contractError.ts'

export class ReentrancyGuardReentrantCallError extends contractError('ReentrancyGuardReentrantCall', {
  message: () => 'A token called back into the escrow while it was moved.',
  remedy: 'Use a token that does not.',
}) {}

export class SafeERC20FailedOperationError extends contractError('SafeERC20FailedOperation', {
  message: ({ token }) => `The token ${token} refused to move.`,
  remedy: 'Check its balance and allowance, and whether it has either of you on a list.',
}) {}

export class SafeCastOverflowedUintDowncastError extends contractError('SafeCastOverflowedUintDowncast', {
  message: ({ bits, value }) => `${value} does not fit ${bits} bits.`,
  remedy: 'Use a smaller amount.',
}) {}

export class InvalidShortStringError extends contractError('InvalidShortString', {
  message: () => 'A stored name is broken.',
  remedy: 'Check that the address is the contract that you mean.',
}) {}

export class StringTooLongError extends contractError('StringTooLong', {
  message: ({ str }) => `${JSON.stringify(str)} is too long for a name.`,
  remedy: 'Use at most 31 bytes.',
}) {}
