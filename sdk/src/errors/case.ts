/** Why a case cannot be dealt with. */
import type { Hex } from 'viem'
import { MillraceError } from './error.ts'

/** The chain has no such case, or has none any more. */
export class CaseUnknownError extends MillraceError {
  override readonly name = 'CaseUnknownError'

  constructor(facts: { caseId: Hex }) {
    super(`The chain has no open case ${facts.caseId}.`, {
      code: 'case-unknown',
      retryable: false,
      remedy: 'Check the number; a case that is settled is gone.',
      facts,
    })
  }
}

/** A verdict is there already. */
export class CaseRuledError extends MillraceError {
  override readonly name = 'CaseRuledError'

  constructor(facts: { caseId: Hex }) {
    super(`Case ${facts.caseId} was ruled already.`, {
      code: 'case-ruled',
      retryable: false,
      remedy: 'Settle it with `settleDispute`.',
      facts,
    })
  }
}

/** A verdict would move no money: the contract would take it, and pay no fee. */
export class CaseMootError extends MillraceError {
  override readonly name = 'CaseMootError'

  constructor(facts: { caseId: Hex; why: string }) {
    super(
      `Case ${facts.caseId} is moot: its lease ${facts.why}. A verdict would move no money and pay no fee; anyone may settle the case, which gives the challenger its bond back.`,
      {
        code: 'case-moot',
        retryable: false,
        remedy: 'Settle it with `settleDispute`.',
        facts,
      },
    )
  }
}

/** What somebody tells of a case is not what the chain has. */
export class CaseInconsistentError extends MillraceError {
  override readonly name = 'CaseInconsistentError'

  constructor(facts: { caseId: Hex; what: string }) {
    super(`Case ${facts.caseId}: ${facts.what}.`, {
      code: 'case-inconsistent',
      retryable: false,
      remedy: 'Ask another matcher, or give the lease’s terms yourself.',
      facts,
    })
  }
}
