/**
 * What to do next about the money of one lease: a pure function of what the chain and the journal say and of the
 * time. The keeper asks it again after every move and every new fact, so that it never plans ahead.
 */
import type { LeaseStatus, Terms } from '@millrace/sdk'
import { zeroHash } from 'viem'

/** All that a decision looks at. Amounts are base units of the lease's token, times unix seconds. */
export interface LeaseFacts {
  readonly terms: Terms
  /** From the chain. */
  readonly status: LeaseStatus
  readonly paid: bigint
  /** When it was stopped; 0 if it was not. */
  readonly stoppedAt: bigint
  /** When it was claimed or declined; 0 before. */
  readonly closedAt: bigint
  readonly openDisputes: number
  readonly openDemands: number
  /** The best voucher: what is owed in all. */
  readonly owed: bigint
  /** What disputes that timed out take off. */
  readonly voided: bigint
  /** What the journal's results earn, the retainer apart. */
  readonly earned: bigint
  readonly results: number
  /** Jobs that were taken and have not ended. */
  readonly running: number
  /** A job lease whose job the agent declined. */
  readonly cannotServe: boolean
  /** The end that the tasker signed last. */
  readonly offer: CloseOffered | undefined
  /** The end that the agent signed last. */
  readonly signed: CloseOffered | undefined
}

/** What a close is signed over, its lease apart. */
export interface CloseOffered {
  readonly owed: bigint
  readonly until: bigint
}

/** When a transaction is worth its gas, in base units of the token. */
export interface MoneyPolicy {
  /** During the lease, redeem when this much more is owed than was paid. */
  readonly redeemAbove: bigint
  /** At the end, leave alone what is less than this. */
  readonly dust: bigint
  /** Seconds that others have to finalise first where nothing is left to be paid: it costs them the gas. */
  readonly tidyAfter: bigint
}

export type Move =
  | { readonly do: 'redeem' | 'claim' | 'decline' | 'finalise'; readonly why: string }
  /** Signs an end: the tasker's, or one for it to sign. */
  | { readonly do: 'sign-close'; readonly owed: bigint; readonly until: bigint; readonly why: string }
  /** `why` says for what. */
  | { readonly do: 'wait'; readonly until: bigint; readonly why: string }
  | { readonly do: 'forget'; readonly why: string }

/** Claiming too early pays gas for a tasker that is only slow; too late risks a full chain. Seconds. */
const CLAIM_MARGIN = { least: 15n, most: 900n } as const

/** How soon to look again at what ends at no known time. Seconds. */
const RECHECK = 30n

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)

export const isJobLease = (terms: Terms): boolean => terms.job !== zeroHash

/** Until when the provider may claim. */
export function claimBy(terms: Terms, stoppedAt: bigint): bigint {
  const ended = stoppedAt > 0n && stoppedAt < terms.end ? stoppedAt : terms.end
  return isJobLease(terms) ? terms.end : ended + terms.grace
}

/** From when on a silent tasker's provider claims: half of the time that is left to it, within bounds. */
export function claimAt(terms: Terms, stoppedAt: bigint): bigint {
  const last = claimBy(terms, stoppedAt)
  const first = isJobLease(terms) ? terms.openedAt : stoppedAt || terms.end
  const half = max((last - first) / 2n, CLAIM_MARGIN.least)
  return last - min(min(half, CLAIM_MARGIN.most), last - first)
}

/** From when on the lease may be finalised. */
export function overAt(facts: Pick<LeaseFacts, 'terms' | 'stoppedAt' | 'closedAt'>): bigint {
  return (facts.closedAt || claimBy(facts.terms, facts.stoppedAt)) + facts.terms.window
}

/** The next move, or what is waited for and until when. */
export function decide(facts: LeaseFacts, policy: MoneyPolicy, now: bigint): Move {
  switch (facts.status) {
    case 'none':
      // A reorganisation took it back, or the node is behind. It may come again for as long as it could have lived.
      return now < overAt(facts)
        ? { do: 'wait', until: now + RECHECK, why: 'the chain to know it' }
        : { do: 'forget', why: 'the chain never knew it' }
    case 'closed':
    case 'slashed':
    case 'final':
      return { do: 'forget', why: `the lease is ${facts.status}` }
    case 'claimed':
    case 'declined':
    case 'unclaimed':
      return decideAfter(facts, policy, now)
    case 'open':
    case 'stopped':
      return decideLive(facts, policy, now)
  }
}

/** After the time to claim. `finalise` needs no `expire` before it. */
function decideAfter(facts: LeaseFacts, policy: MoneyPolicy, now: bigint): Move {
  if (facts.openDisputes > 0) return { do: 'wait', until: now + RECHECK, why: 'the end of a dispute' }
  if (facts.openDemands > 0) return { do: 'wait', until: now + RECHECK, why: 'the end of a demand' }
  const from = overAt(facts) + (facts.status === 'claimed' ? 0n : policy.tidyAfter)
  if (now < from) return { do: 'wait', until: from, why: 'the end of the challenge window' }
  return { do: 'finalise', why: 'the challenge window is over' }
}

function decideLive(facts: LeaseFacts, policy: MoneyPolicy, now: bigint): Move {
  const { terms, stoppedAt } = facts
  const last = claimBy(terms, stoppedAt)
  if (now >= last) return decideAfter(facts, policy, now)
  if (facts.cannotServe) return { do: 'decline', why: 'its job cannot be served' }

  const due = terms.retainer + facts.earned - facts.voided
  const { offer, signed } = facts
  const fair = offer && facts.running === 0 && offer.owed >= due && now < offer.until
  // Nothing is signed over a result that is contested.
  if (facts.openDisputes === 0 && fair && (signed?.owed !== offer.owed || signed.until !== offer.until)) {
    return { do: 'sign-close', ...offer, why: 'the tasker offers all that is due' }
  }
  const vouched = facts.owed - facts.paid
  if (vouched > 0n && vouched >= policy.redeemAbove) {
    return { do: 'redeem', why: `${vouched} more is vouched for than was paid` }
  }
  const from = claimAt(terms, stoppedAt)
  const ended = facts.running === 0 && (isJobLease(terms) || now >= (stoppedAt || terms.end))
  if (now < from) {
    if (facts.openDisputes > 0) return { do: 'wait', until: from, why: 'the end of a dispute' }
    if (ended && facts.results > 0 && !signed) {
      return { do: 'sign-close', owed: due, until: last, why: 'every job has ended' }
    }
    return { do: 'wait', until: from, why: ended ? 'the tasker to close' : 'the end of the lease' }
  }

  // The tasker is silent. A voucher pays at once, for less gas; a claim pays what no voucher covers.
  if (vouched > policy.dust) return { do: 'redeem', why: 'the lease is about to end' }
  const unvouched = due - max(facts.owed, facts.paid)
  if (facts.results > 0 && unvouched > policy.dust)
    return { do: 'claim', why: 'the tasker has not paid by the end' }
  return { do: 'wait', until: last, why: 'the time to claim to pass' }
}

/** A demand on chain: to show a claim's leaf, or to deliver an accepted ticket. */
export interface Demand {
  readonly index: number
  /** An answer counts before this. */
  readonly answerBy: bigint
  readonly open: boolean
}

/** The demands that can and must be answered, the most urgent first. A claim is lost by one that is not. */
export function demandsToAnswer(demands: readonly Demand[], now: bigint): Demand[] {
  return demands
    .filter((demand) => demand.open && now < demand.answerBy)
    .sort((a, b) => Number(a.answerBy - b.answerBy) || a.index - b.index)
}
