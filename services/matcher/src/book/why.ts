import type { WhyNot as WhyNotView } from '@millrace/sdk/api'
import type { Address } from 'viem'
import type { AskEntry, BidEntry } from './entry.ts'
import { type Misfit, misfits, type Situation, UNITS } from './misfit.ts'

export interface WhyNot extends WhyNotView {
  /** Most frequent first. A candidate that misses in several ways counts under each of them. */
  reasons: (WhyNotView['reasons'][number] & { reason: Misfit })[]
}

/** Why a bid is not matched: every reason of every ask, counted. */
export function whyNotBid(bid: BidEntry, asks: readonly AskEntry[], situation: Situation): WhyNot {
  const candidates = asks.map((ask) => ({ account: ask.ask.account, why: misfits(bid, ask, situation) }))
  return count(candidates, bid.bid.token)
}

/** Why an ask is not matched: every reason of every bid, counted. */
export function whyNotAsk(ask: AskEntry, bids: readonly BidEntry[], situation: Situation): WhyNot {
  const candidates = bids.map((bid) => ({ account: bid.bid.account, why: misfits(bid, ask, situation) }))
  return count(candidates, ask.ask.token)
}

function count(candidates: { account: Address; why: ReturnType<typeof misfits> }[], token: Address): WhyNot {
  const reasons = new Map<Misfit, WhyNot['reasons'][number]>()
  for (const { account, why } of candidates) {
    for (const { reason, wants, has } of why) {
      const known = reasons.get(reason)
      if (known) {
        known.count++
        continue
      }
      const example = { account, has: String(has), wants: String(wants), unit: UNITS[reason] }
      reasons.set(reason, { reason, count: 1, example })
    }
  }
  const sorted = [...reasons.values()].sort((a, b) => b.count - a.count)
  return { candidates: candidates.length, reasons: sorted, token }
}
