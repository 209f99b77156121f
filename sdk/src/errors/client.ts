/** Errors of the client itself. */
import type { Address, Hex } from 'viem'
import { formatAmount, type Unit } from '../money.ts'
import { MillraceError } from './error.ts'

/** The client has nobody to sign with. */
export class NoAccountError extends MillraceError {
  override readonly name = 'NoAccountError'

  constructor(facts: { needed: string }) {
    super(`${facts.needed} needs an account, and the client has none.`, {
      code: 'no-account',
      retryable: false,
      remedy: 'Pass `account` to `connect` or `createMillraceClient`.',
      facts,
    })
  }
}

/** The client cannot reach the chain. */
export class NoChainError extends MillraceError {
  override readonly name = 'NoChainError'

  constructor() {
    super('The market names no node of its chain, and the client was given none.', {
      code: 'no-chain',
      retryable: false,
      remedy: 'Pass `rpcUrl` or `transport` to `connect` or `createMillraceClient`.',
    })
  }
}

/** The node serves another chain than the market's. */
export class WrongChainError extends MillraceError {
  override readonly name = 'WrongChainError'

  constructor(facts: { expected: number; actual: number }) {
    super(`The node serves chain ${facts.actual}; the market is on ${facts.expected}.`, {
      code: 'wrong-chain',
      retryable: false,
      remedy: "Use a node of the market's chain.",
      facts,
    })
  }
}

/** Bytes that do not have the name they are asked for by. */
export class BlobMismatchError extends MillraceError {
  override readonly name = 'BlobMismatchError'

  constructor(facts: { wanted: Hex; actual: Hex }) {
    super(`The bytes are blob ${facts.actual}, not ${facts.wanted}.`, {
      code: 'blob-root-mismatch',
      retryable: false,
      remedy: 'Fetch them from elsewhere: whoever gave these altered or mixed them up.',
      facts,
    })
  }
}

/** A result that does not stand up to a check. Nothing is signed or paid for it. */
export class BadResultError extends MillraceError {
  override readonly name = 'BadResultError'

  constructor(what: string, facts: Record<string, unknown>) {
    super(`The result of job ${facts.job} ${what}.`, {
      code: 'bad-result',
      retryable: false,
      remedy: 'Sign nothing for it. Challenge it where the provider signed it, or let the lease run out.',
      facts,
    })
  }
}

/** Running the job again came out otherwise: the provider signed something wrong. */
export class WrongResultError extends MillraceError {
  override readonly name = 'WrongResultError'

  constructor(facts: WrongResult, cause?: unknown) {
    super(`The result of job ${facts.job} is wrong: running it again came out otherwise.`, {
      code: 'wrong-result',
      retryable: false,
      remedy: nextOf(facts),
      facts: { ...facts },
      cause,
    })
  }
}

export interface WrongResult {
  job: Hex
  provider: Address
  claimed: unknown
  actual: unknown
  /** Where it was contested from here; absent also where somebody else was first, and right. */
  caseId?: Hex
  /** How that ended, where the lease's scheme takes proofs. */
  verdict?: 'guilty' | 'clean' | 'timed-out' | 'moot'
  /** Whether a proof ended it, and of which step; else the provider's clock did. */
  proven?: boolean
  step?: bigint
}

function nextOf({ caseId, verdict }: WrongResult): string {
  if (verdict === 'guilty') return 'Nothing is left to do: the collateral made you whole. Run the job again.'
  if (!caseId) return 'Challenge it with `challenge` before the window ends.'
  if (!verdict)
    return `Case ${caseId} is open; \`waitForDispute\` tells how it is ruled, \`playGame\` plays it.`
  return `Case ${caseId} ended ${verdict}; look at it with \`getDispute\`.`
}

/** What the job can cost is more than the caller allows. */
export class OverBudgetError extends MillraceError {
  override readonly name = 'OverBudgetError'

  /** @param unit the token's, where it is known: without it the message is in base units */
  constructor(facts: { most: bigint; budget: bigint; token: Address }, unit?: Unit) {
    const amount = (units: bigint) =>
      unit ? formatAmount(units, unit) : `${units} base units of ${facts.token}`
    super(`It can cost ${amount(facts.most)}; ${amount(facts.budget)} are allowed.`, {
      code: 'over-budget',
      retryable: true,
      remedy: 'Allow more with `maxPrice`, ask for less `fuel`, or wait for a cheaper offer.',
      facts,
    })
  }
}

/** Nobody took the bid, or the job ended without a result. */
export class JobFailedError extends MillraceError {
  override readonly name = 'JobFailedError'

  constructor(
    message: string,
    facts: { order?: Hex; job?: Hex; lease?: Hex; reason: string },
    retryable: boolean,
  ) {
    super(message, {
      code: 'job-failed',
      retryable,
      remedy: retryable
        ? 'Run it again: what was locked comes back by itself.'
        : 'See the reason; `whyNot` and `getJob` tell more. What was locked comes back by itself.',
      facts,
    })
  }
}

/** The market does not trade in the token. */
export class UnknownTokenError extends MillraceError {
  override readonly name = 'UnknownTokenError'

  constructor(facts: { wanted?: Address; tokens: Address[] }) {
    super(`The market does not trade in ${facts.wanted ?? 'any token'}.`, {
      code: 'unknown-token',
      retryable: false,
      remedy: `Pay with one of ${facts.tokens.join(', ') || 'none'}.`,
      facts,
    })
  }
}
