/** Refusals of `ProofScheme` and of the machine that makes its steps. */
import { contractError } from './contractError.ts'
import { time } from './time.ts'

export class WrongMachineError extends contractError('WrongMachine', {
  message: ({ caseId, version, asked }) =>
    `Case ${caseId} is about version ${asked} of the machine; the scheme proves steps of version ${version}.`,
  remedy: "Sign orders whose scheme names the machine's version that the market tells.",
}) {}

export class TooLittleTimeError extends contractError('TooLittleTime', {
  message: ({ caseId, left, least }) =>
    `Case ${caseId} has ${left} seconds, too few for a game, which takes ${least} at least.`,
  remedy: 'Sign orders with a longer `disputeLimit`.',
}) {}

export class NotTheGameError extends contractError('NotTheGame', {
  message: ({ id }) =>
    `Game ${id} does not stand as shown: it went on, is over or never was, or the defence shows another result.`,
  remedy: 'Read the game again with `readGame` and decide anew.',
}) {}

export class NotTheCaseError extends contractError('NotTheCase', {
  message: ({ id }) => `The receiver and case that were named are not those of game ${id}.`,
  remedy: 'Name the case that the game was opened for.',
}) {}

export class NotYourTurnError extends contractError('NotYourTurn', {
  message: ({ id, side, account }) =>
    `In game ${id} it is the ${side === 0 ? 'provider' : 'challenger'}'s turn, which is ${account}.`,
  remedy: 'Wait for the other side, or send with the account that plays this one.',
}) {}

export class TimeIsUpError extends contractError('TimeIsUp', {
  message: ({ id, since }) => `The clock of the side to move in game ${id} ran out at ${time(since)}.`,
  remedy: 'A proof still counts, until somebody ends the game with `timeoutGame`.',
}) {}

export class ClockRunsError extends contractError('ClockRuns', {
  message: ({ id, until }) => `The clock of the side to move in game ${id} runs until ${time(until)}.`,
  remedy: 'Wait until then.',
  retryable: true,
}) {}

export class NotAnEndError extends contractError('NotAnEnd', {
  message: ({ fuelLeft, outputMax }) =>
    `No job ends with ${fuelLeft} fuel left and room for ${outputMax} bytes of output.`,
  remedy: 'Show the last state of the contested run.',
}) {}

export class TooManyStepsError extends contractError('TooManySteps', {
  message: ({ id, level, most }) =>
    `Sections of 32^${level} steps are more than any run of game ${id} needs: 32^${most} are enough.`,
  remedy: 'Take the level that `firstLevelOf` gives.',
}) {}

export class NoSuchSectionError extends contractError('NoSuchSection', {
  message: ({ index }) => `A split has sections 0 to 31, and none of number ${index}.`,
  remedy: 'Pick one of them.',
}) {}

export class SameEndError extends contractError('SameEnd', {
  message: ({ end }) => `The section ends with ${end} in both splits, so there is nothing to contest in it.`,
  remedy: 'Pick the first section whose end is wrong.',
}) {}

export class SingleStepsError extends contractError('SingleSteps', {
  message: ({ id }) => `The sections of game ${id} are single steps, which cannot be split.`,
  remedy: 'Prove a wrong one with `proveStep`.',
}) {}

export class NotSingleStepsError extends contractError('NotSingleSteps', {
  message: ({ id, level }) =>
    `The sections of game ${id} are 32^${level} steps long, so that none can be proven.`,
  remedy: 'Go on with `splitGame`.',
}) {}

export class RightStepError extends contractError('RightStep', {
  message: ({ from, to }) => `The step from ${from} to ${to} is right.`,
  remedy: 'Prove one that is wrong; where there is none, the game is lost.',
}) {}

export class MalformedWitnessError extends contractError('MalformedWitness', {
  message: () => 'The witness is not one of the state before the step.',
  remedy: "Make it anew from that state with the tracer's `proveAt`.",
}) {}

export class NotFinalError extends contractError('NotFinal', {
  message: ({ status }) => `A state of status ${status} has not ended.`,
  remedy: 'Show the last state of the contested run.',
}) {}

export class NoSuchOutputError extends contractError('NoSuchOutput', {
  message: ({ length }) => `No machine has ${length} bytes of output.`,
  remedy: 'Show the last state of the contested run.',
}) {}
