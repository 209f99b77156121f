/** Why nothing is signed under a leaf of the proof scheme. */
import type { Address, Hex } from 'viem'
import { MillraceError } from './error.ts'

/** A lease's disputes would be about steps of a machine that this client does not have. */
export class OtherMachineError extends MillraceError {
  override readonly name = 'OtherMachineError'

  constructor(facts: { asked: number; own: number }) {
    super(
      `The scheme is about version ${facts.asked} of the machine; this client has version ${facts.own}.`,
      {
        code: 'other-machine',
        retryable: false,
        remedy: 'Name another scheme, or use the client of that version.',
        facts,
      },
    )
  }
}

/** Nobody rules before the proof scheme: an arbiter that its leaf names would be paid, before all others, for nothing. */
export class ArbiterOfProofError extends MillraceError {
  override readonly name = 'ArbiterOfProofError'

  constructor(facts: { arbiter: Address; fee: bigint }) {
    super(`The proof scheme asks nobody, and the leaf pays ${facts.fee} to ${facts.arbiter} for it.`, {
      code: 'arbiter-of-proof',
      retryable: false,
      remedy: 'Name another scheme: a lie under this one costs what that account does not give back.',
      facts,
    })
  }
}

/** One run on the step machine would not fit the clock of a proof game: whoever is right could lose by it. */
export class LimitsExceedClockError extends MillraceError {
  override readonly name = 'LimitsExceedClockError'

  constructor(facts: {
    maxFuel: bigint
    memoryPages: number
    disputeLimit: bigint
    window: bigint
    leastDispute: bigint
    leastWindow: bigint
  }) {
    const { maxFuel, memoryPages, disputeLimit, window } = facts
    super(
      `Jobs of ${maxFuel} fuel in ${memoryPages} pages of memory cannot be proven in a dispute of ${disputeLimit} s and a window of ${window} s: they take ${facts.leastDispute} s and ${facts.leastWindow} s.`,
      {
        code: 'limits-exceed-clock',
        retryable: false,
        remedy:
          'Allow more time with `disputeLimit` and `window`, or less fuel for a job; a program that declares less memory needs less too.',
        facts,
      },
    )
  }
}

/** Two machines disagree: the one that runs programs says another result than the one that proves steps. */
export class UnprovableError extends MillraceError {
  override readonly name = 'UnprovableError'

  constructor(facts: { job: Hex }) {
    super(
      `The step machine finds the result of job ${facts.job} right, though running it came out otherwise.`,
      {
        code: 'unprovable',
        retryable: false,
        remedy: 'Nothing was contested. This is a fault of the machine: please report program and input.',
        facts,
      },
    )
  }
}
