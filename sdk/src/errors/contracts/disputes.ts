/** Refusals of `Disputes` and of `ArbiterScheme`. */
import { contractError } from './contractError.ts'
import { time } from './time.ts'

export class NoSuchCaseError extends contractError('NoSuchCase', {
  message: ({ caseId }) => `There is no case ${caseId}, or it is settled.`,
  remedy: 'Look at the case with `getDispute`.',
}) {}

export class CaseExistsError extends contractError('CaseExists', {
  message: ({ caseId }) => `Case ${caseId} was opened in this very block.`,
  remedy: 'Nothing is left to do.',
}) {}

export class NotTheCasesSchemeError extends contractError('NotTheCasesScheme', {
  message: ({ caseId, scheme, caller }) => `Only ${scheme} may rule case ${caseId}, not ${caller}.`,
  remedy: "Rule through the case's scheme.",
}) {}

export class NoVerdictError extends contractError('NoVerdict', {
  message: ({ caseId }) => `A verdict on case ${caseId} must say guilty or clean.`,
  remedy: 'Rule one of the two.',
}) {}

export class AlreadyRuledError extends contractError('AlreadyRuled', {
  message: ({ caseId }) => `Case ${caseId} was ruled already.`,
  remedy: 'Settle it with `settleDispute`.',
}) {}

export class RuledTooLateError extends contractError('RuledTooLate', {
  message: ({ caseId, ruleBy }) => `A verdict on case ${caseId} counted before ${time(ruleBy)}.`,
  remedy: 'End the case with `timeoutDispute`.',
}) {}

export class NotRuledYetError extends contractError('NotRuledYet', {
  message: ({ caseId, ruleBy }) => `Nobody has ruled case ${caseId}; it times out at ${time(ruleBy)}.`,
  remedy: 'Wait for the verdict, or from then on end it with `timeoutDispute`.',
  retryable: true,
}) {}

export class NoContradictionError extends contractError('NoContradiction', {
  message: ({ result }) => `Both results are ${result}.`,
  remedy: 'Show two different results that were signed for one ticket.',
}) {}

export class NoArbiterError extends contractError('NoArbiter', {
  message: ({ caseId }) => `The scheme of case ${caseId} names no arbiter.`,
  remedy: 'Sign orders whose scheme names one.',
}) {}

export class CaseKnownError extends contractError('CaseKnown', {
  message: ({ receiver, caseId }) => `${receiver} opened case ${caseId} before.`,
  remedy: 'Nothing is left to do.',
}) {}

export class NotTheArbiterError extends contractError('NotTheArbiter', {
  message: ({ caseId, arbiter, caller }) => `Case ${caseId} is for ${arbiter} to rule, not for ${caller}.`,
  remedy: "Rule with the arbiter's account.",
}) {}
