import type { Address } from 'viem'
import type { AskEntry, BidEntry } from './entry.ts'
import { type Misfit, misfits, type Situation } from './misfit.ts'

export interface WhyNot {
  /** Open orders of the other side that were looked at. */
  candidates: number
  /** Most frequent first. A candidate that misses in several ways counts under each of them. */
  reasons: { reason: Misfit; count: number; example: string }[]
}

/** Why a bid is not matched: every reason of every ask, counted. */
export function whyNotBid(bid: BidEntry, asks: readonly AskEntry[], situation: Situation): WhyNot {
  return count(asks.map((ask) => ({ account: ask.ask.account, why: misfits(bid, ask, situation) })))
}

/** Why an ask is not matched: every reason of every bid, counted. */
export function whyNotAsk(ask: AskEntry, bids: readonly BidEntry[], situation: Situation): WhyNot {
  return count(bids.map((bid) => ({ account: bid.bid.account, why: misfits(bid, ask, situation) })))
}

function count(candidates: { account: Address; why: ReturnType<typeof misfits> }[]): WhyNot {
  const reasons = new Map<Misfit, WhyNot['reasons'][number]>()
  for (const { account, why } of candidates) {
    for (const { reason, wants, has } of why) {
      const known = reasons.get(reason)
      if (known) known.count++
      else
        reasons.set(reason, {
          reason,
          count: 1,
          example: `${account} has ${has} where the bid wants ${wants}`,
        })
    }
  }
  return { candidates: candidates.length, reasons: [...reasons.values()].sort((a, b) => b.count - a.count) }
}
