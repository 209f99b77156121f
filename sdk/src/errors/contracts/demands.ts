/** Refusals of `Demands`, and of evidence that does not belong together. */
import { contractError } from './contractError.ts'
import { time } from './time.ts'

export class NotTheTaskerError extends contractError('NotTheTasker', {
  message: ({ lease, caller }) => `${caller} is not the tasker of lease ${lease}.`,
  remedy: "Demand with the tasker's account or its key.",
}) {}

export class OutsideDemandTimeError extends contractError('OutsideDemandTime', {
  message: ({ lease, from, until }) =>
    `Lease ${lease} takes demands from ${time(from)} and before ${time(until)}.`,
  remedy: 'Demand within that time.',
}) {}

export class NoSuchLeafError extends contractError('NoSuchLeaf', {
  message: ({ lease, index }) => `The claim of lease ${lease} has no place ${index}.`,
  remedy: "Demand an index below the claim's count.",
}) {}

export class NotTheClaimError extends contractError('NotTheClaim', {
  message: ({ lease }) => `That is not the claim of lease ${lease}.`,
  remedy: 'Show the root, count and sum of its Claimed event.',
}) {}

export class AlreadyDemandedError extends contractError('AlreadyDemanded', {
  message: ({ lease, what }) => `Demand ${what} of lease ${lease} was made before.`,
  remedy: 'Nothing is left to do.',
}) {}

export class NoSuchDemandError extends contractError('NoSuchDemand', {
  message: ({ lease, what }) => `No demand ${what} of lease ${lease} is open.`,
  remedy: 'It was answered or has lapsed: nothing is left to do.',
}) {}

export class AnswerTooLateError extends contractError('AnswerTooLate', {
  message: ({ lease, what, until }) =>
    `Demand ${what} of lease ${lease} could be answered before ${time(until)}.`,
  remedy: 'Nothing brings it back.',
}) {}

export class NotLapsedYetError extends contractError('NotLapsedYet', {
  message: ({ lease, what, until }) =>
    `Demand ${what} of lease ${lease} can be answered before ${time(until)} and lapses then.`,
  remedy: 'Wait until then.',
  retryable: true,
}) {}

export class WrongEvidenceError extends contractError('WrongEvidence', {
  message: ({ lease }) => `The papers do not belong together or to lease ${lease}.`,
  remedy: "Show the lease's ticket with the result for that very ticket.",
}) {}

export class NotInTheClaimError extends contractError('NotInTheClaim', {
  message: ({ lease, index }) => `That leaf does not stand at ${index} of the claim of lease ${lease}.`,
  remedy: 'Show the path that belongs to the index.',
}) {}

export class NotDeliveredError extends contractError('NotDelivered', {
  message: ({ lease, output }) => `Nothing shows that output ${output} of lease ${lease} was delivered.`,
  remedy: "Show a receipt by the tasker's key or the store, or at most 8 KiB of output itself.",
}) {}
