/** What the provider offers, and when it must say so again: pure functions. */
import type { Ask, OrderStatus, Scheme } from '@millrace/sdk'
import type { Address, Hex } from 'viem'

/** The provider's side of an offer. Amounts are base units of the token, times seconds. */
export interface Offer {
  /** Per gigafuel. */
  readonly price: bigint
  /** Added to each job's own fuel: the flat price of a job. */
  readonly jobFuel: bigint
  /** Fuel offered in all by one ask; a new ask follows when it is used up. */
  readonly capacity: bigint
  /** Least fuel of one lease. */
  readonly minFuel: bigint
  /** Largest job. */
  readonly maxFuel: bigint
  /** Put up per gigafuel of a lease. */
  readonly collateral: bigint
  readonly retainer: bigint
  readonly claimFee: bigint
  readonly lateFee: bigint
  /** Most linear memory of a job, in pages of 64 KiB. */
  readonly memoryPages: number
  readonly maxLease: bigint
  readonly minGrace: bigint
  readonly maxWindow: bigint
  readonly maxDispute: bigint
  /** How long one ask is good for. A shorter one bounds what an old price can cost. */
  readonly lifetime: bigint
}

/** What the market adds. */
export interface OfferPlace {
  readonly account: Address
  readonly key: Address
  readonly token: Address
  readonly schemes: readonly Scheme[]
  /** Root over the leaves of `schemes`. */
  readonly schemesRoot: Hex
  readonly feeTo: Address
  readonly makerFee: number
  readonly takerFee: number
}

/**
 * The ask that says so.
 *
 * @param now the chain's time, in seconds
 * @param nonce one that this account has not used
 */
export function askOf(offer: Offer, place: OfferPlace, now: bigint, nonce: bigint): Ask {
  const { account, key, token, schemesRoot, feeTo, makerFee, takerFee } = place
  const { lifetime, ...signed } = offer
  return {
    account,
    key,
    token,
    ...signed,
    schemes: schemesRoot,
    feeTo,
    makerFee,
    takerFee,
    expiry: now + lifetime,
    nonce,
  }
}

/** What is known of the ask that was posted last. */
export interface PostedAsk {
  readonly ask: Ask
  /** What the matcher says: nothing where it does not know the order. */
  readonly status: OrderStatus | undefined
  readonly remaining: bigint
}

export type OfferMove =
  | { readonly do: 'keep' }
  /** The same signed ask again: the matcher lost it. */
  | { readonly do: 'repost'; readonly why: string }
  /** A new ask; the old one leaves the book. */
  | { readonly do: 'replace'; readonly why: string }

/** Renewed when this part of its lifetime is left. */
const RENEW_AT = 4n

/** What to do about the offer. */
export function decideOffer(
  wanted: Ask,
  posted: PostedAsk | undefined,
  now: bigint,
  lifetime: bigint,
): OfferMove {
  if (!posted) return { do: 'replace', why: 'nothing is offered yet' }
  if (termsDiffer(wanted, posted.ask)) return { do: 'replace', why: 'the offer changed' }
  if (posted.ask.expiry <= now + lifetime / RENEW_AT) return { do: 'replace', why: 'it is about to expire' }
  switch (posted.status) {
    case undefined:
      return { do: 'repost', why: 'the matcher does not know it' }
    case 'open':
    case 'matched':
      return posted.remaining < least(posted.ask)
        ? { do: 'replace', why: 'its capacity is used up' }
        : { do: 'keep' }
    default:
      return { do: 'replace', why: `it is ${posted.status}` }
  }
}

/** What is left must hold the largest job, or the book shows an offer that refuses most bids. */
function least(ask: Ask): bigint {
  const whole = ask.maxFuel + ask.jobFuel
  return whole < ask.capacity ? whole : ask.capacity
}

function termsDiffer(a: Ask, b: Ask): boolean {
  const { expiry: _expiryA, nonce: _nonceA, ...first } = a
  const { expiry: _expiryB, nonce: _nonceB, ...second } = b
  return (Object.keys(first) as (keyof typeof first)[]).some((field) => first[field] !== second[field])
}
