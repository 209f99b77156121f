/** Calls of the lease book. */
import { type Address, type Hex, zeroHash } from 'viem'
import { leasesAbi } from '../abi/index.gen.ts'
import type { Ask } from '../documents/ask.ts'
import type { Bid } from '../documents/bid.ts'
import type { ClaimSummary } from '../documents/claim.ts'
import type { Scheme } from '../documents/scheme.ts'
import type { Terms } from '../documents/terms.ts'
import { type Call, call } from './call.ts'

/** A pair of signed orders and how they meet. */
export interface Match {
  ask: Ask
  askSignature: Hex
  bid: Bid
  bidSignature: Hex
  /** Expected: the bid's filled amount, or the attempt's number. */
  seq: bigint
  /** Of the lease. */
  fuel: bigint
  bidIsMaker: boolean
  scheme: Scheme
  schemeProof: readonly Hex[]
  /** For a later attempt: the terms of the one before, else empty. */
  previous: readonly Terms[]
}

/** A lease to end by two signatures over Close. */
export interface Closing {
  terms: Terms
  owed: bigint
  until: bigint
  taskerSignature: Hex
  providerSignature: Hex
}

export interface OnLeases {
  leases: Address
}

export interface OnLease extends OnLeases {
  terms: Terms
}

export function openCall({ leases, match }: OnLeases & { match: Match }): Call {
  return of(leases, 'open', match)
}

export function openBatchCall({ leases, matches }: OnLeases & { matches: readonly Match[] }): Call {
  return of(leases, 'openBatch', matches)
}

export function stopCall({ leases, terms }: OnLease): Call {
  return of(leases, 'stop', terms)
}

export function redeemCall({
  leases,
  terms,
  owed,
  signature,
}: OnLease & { owed: bigint; signature: Hex }): Call {
  return of(leases, 'redeem', terms, owed, signature)
}

export function closeCall({ leases, closing }: OnLeases & { closing: Closing }): Call {
  return of(leases, 'close', closing)
}

export function closeBatchCall({ leases, closings }: OnLeases & { closings: readonly Closing[] }): Call {
  return of(leases, 'closeBatch', closings)
}

export function claimCall({ leases, terms, claim }: OnLease & { claim: ClaimSummary }): Call {
  return of(leases, 'claim', terms, claim)
}

/** @param reason a short code in ASCII, as bytes32 */
export function declineCall({ leases, terms, reason }: OnLease & { reason: Hex }): Call {
  return of(leases, 'decline', terms, reason)
}

export function expireCall({ leases, terms }: OnLease): Call {
  return of(leases, 'expire', terms)
}

export function finaliseCall({ leases, terms }: OnLease): Call {
  return of(leases, 'finalise', terms)
}

export function finaliseBatchCall({ leases, terms }: OnLeases & { terms: readonly Terms[] }): Call {
  return of(leases, 'finaliseBatch', terms)
}

/** Cancels the caller's orders with any of these nonces, which must stand in one word of 256. */
export function cancelNoncesCall({ leases, nonces }: OnLeases & { nonces: readonly bigint[] }): Call {
  const words = new Set(nonces.map((nonce) => nonce >> 8n))
  const [word] = words
  if (word === undefined || words.size > 1)
    throw new RangeError('Nonces of one word of 256 are cancelled together.')
  return of(
    leases,
    'cancelNonces',
    word,
    nonces.reduce((mask, nonce) => mask | (1n << (nonce & 255n)), 0n),
  )
}

/**
 * Cancels an order for good. A bid that carries a job burns a nonce for each attempt: one that opens on the way does
 * not save the next. One call for each word of 256 that its nonces stand in.
 */
export function cancelOrderCalls({ leases, order }: OnLeases & { order: Ask | Bid }): Call[] {
  const nonces = noncesOf(order)
  const words = [...new Set(nonces.map((nonce) => nonce >> 8n))]
  return words.map((word) =>
    cancelNoncesCall({ leases, nonces: nonces.filter((nonce) => nonce >> 8n === word) }),
  )
}

/** Every nonce that leases of this order can burn. */
export function noncesOf(order: Ask | Bid): bigint[] {
  const count = 'job' in order && order.job !== zeroHash ? order.attempts : 1
  return Array.from({ length: count }, (_, attempt) => order.nonce + BigInt(attempt))
}

/** Cancels all the caller's orders with nonces below `nonce`. */
export function cancelBelowCall({ leases, nonce }: OnLeases & { nonce: bigint }): Call {
  return of(leases, 'cancelBelow', nonce)
}

function of(leases: Address, functionName: string, ...args: unknown[]): Call {
  return call(leases, 'leases', leasesAbi, functionName, args)
}
