/** Calls of the disputes, demands and arbiter contracts. */
import type { Address, Hex } from 'viem'
import { arbiterSchemeAbi, demandsAbi, disputesAbi } from '../abi/index.gen.ts'
import type { ClaimSummary, Sibling } from '../documents/claim.ts'
import type { Result } from '../documents/result.ts'
import type { Scheme } from '../documents/scheme.ts'
import type { Terms } from '../documents/terms.ts'
import type { Ticket } from '../documents/ticket.ts'
import { type Call, call } from './call.ts'

/** A ticket with its result, as both keys signed them. In a job lease the ticket's signature is empty (`0x`). */
export interface Evidence {
  ticket: Ticket
  ticketSignature: Hex
  result: Result
  resultSignature: Hex
}

/** Shows that an output was delivered: a signature over Delivered, else the output itself (at most 8 KiB). */
export interface Receipt {
  signature: Hex
  output: Hex
}

/** What a case is; its id is the hash of these. */
export interface Dispute {
  lease: Hex
  index: number
  /** Struct hash of the contested Result. */
  result: Hex
  challenger: Address
  bond: bigint
  amount: bigint
  openedAt: bigint
}

/** In the order of the contract's enum. */
export const VERDICTS = ['none', 'guilty', 'clean'] as const
export type Verdict = 'guilty' | 'clean'

/**
 * How a case was settled, in the order of the contract's enum. guilty: the provider lost · clean: the challenger lost ·
 * timed-out: nobody ruled in time · moot: the lease ended otherwise, by another case for one
 */
export const OUTCOMES = ['guilty', 'clean', 'timed-out', 'moot'] as const
export type Outcome = (typeof OUTCOMES)[number]

interface OnDisputes {
  disputes: Address
  terms: Terms
}

interface OnDemands {
  demands: Address
  terms: Terms
}

export function challengeCall(p: OnDisputes & { scheme: Scheme; evidence: Evidence }): Call {
  return disputes(p, 'challenge', p.terms, p.scheme, p.evidence)
}

export function challengeLeafCall(
  p: OnDisputes & {
    scheme: Scheme
    claim: ClaimSummary
    ticket: Ticket
    result: Result
    path: readonly Sibling[]
  },
): Call {
  return disputes(p, 'challengeLeaf', p.terms, p.scheme, p.claim, p.ticket, p.result, p.path)
}

/** Slashes at once for two different results that were signed for one ticket. */
export function equivocateCall(
  p: OnDisputes & { scheme: Scheme; first: Evidence; second: Result; secondSignature: Hex },
): Call {
  return disputes(p, 'equivocate', p.terms, p.scheme, p.first, p.second, p.secondSignature)
}

export function settleDisputeCall(p: OnDisputes & { scheme: Scheme; dispute: Dispute }): Call {
  return disputes(p, 'settle', p.terms, p.scheme, p.dispute)
}

export function timeoutDisputeCall(p: OnDisputes & { dispute: Dispute }): Call {
  return disputes(p, 'timeout', p.terms, p.dispute)
}

export function demandCall(p: OnDemands & { claim: ClaimSummary; index: number }): Call {
  return demands(p, 'demand', p.terms, p.claim, p.index)
}

export function demandAcceptedCall(
  p: OnDemands & { ticket: Ticket; ticketSignature: Hex; acceptanceSignature: Hex },
): Call {
  return demands(p, 'demandAccepted', p.terms, p.ticket, p.ticketSignature, p.acceptanceSignature)
}

export function answerCall(
  p: OnDemands & { claim: ClaimSummary; evidence: Evidence; receipt: Receipt; path: readonly Sibling[] },
): Call {
  return demands(p, 'answer', p.terms, p.claim, p.evidence, p.receipt, p.path)
}

export function answerSkippedCall(
  p: OnDemands & { claim: ClaimSummary; index: number; path: readonly Sibling[] },
): Call {
  return demands(p, 'answerSkipped', p.terms, p.claim, p.index, p.path)
}

export function answerAcceptedCall(p: OnDemands & { evidence: Evidence; receipt: Receipt }): Call {
  return demands(p, 'answerAccepted', p.terms, p.evidence, p.receipt)
}

export function lapseCall(p: OnDemands & { scheme: Scheme; index: number }): Call {
  return demands(p, 'lapse', p.terms, p.scheme, p.index)
}

export function lapseAcceptedCall(p: OnDemands & { ticketHash: Hex }): Call {
  return demands(p, 'lapseAccepted', p.terms, p.ticketHash)
}

/** @param reason the arbiter's own words or their hash, as its policy says */
export function ruleCall(p: {
  arbiterScheme: Address
  receiver: Address
  caseId: Hex
  verdict: Verdict
  reason: Hex
}): Call {
  const verdict = VERDICTS.indexOf(p.verdict)
  return call(p.arbiterScheme, 'arbiterScheme', arbiterSchemeAbi, 'rule', [
    p.receiver,
    p.caseId,
    verdict,
    p.reason,
  ])
}

export function publishPolicyCall(p: { arbiterScheme: Address; uri: string; hash: Hex }): Call {
  return call(p.arbiterScheme, 'arbiterScheme', arbiterSchemeAbi, 'publishPolicy', [p.uri, p.hash])
}

function disputes({ disputes: to }: OnDisputes, functionName: string, ...args: unknown[]): Call {
  return call(to, 'disputes', disputesAbi, functionName, args)
}

function demands({ demands: to }: OnDemands, functionName: string, ...args: unknown[]): Call {
  return call(to, 'demands', demandsAbi, functionName, args)
}
