/** Who is matched with whom: price first, then time. Pure: the worker around it may run it twice. */
import { amountOf, lockOf, taskerLock } from '@millrace/sdk'
import type { Address, Hex } from 'viem'
import type { AskEntry, BidEntry } from './entry.ts'
import { misfit, quantity, type Situation } from './misfit.ts'

/** A pair that the contract can open as it stands. */
export interface Pairing {
  ask: Hex
  bid: Hex
  seq: bigint
  fuel: bigint
  bidIsMaker: boolean
  /** What each side will lock. */
  locks: { tasker: bigint; provider: bigint }
}

/** Cheapest ask that fits; ties go to the older one, so that a replay agrees. */
export function chooseAsk(
  bid: BidEntry,
  asks: Iterable<AskEntry>,
  situation: Situation,
): AskEntry | undefined {
  let best: { entry: AskEntry; rate: Rate } | undefined
  for (const entry of asks) {
    if (misfit(bid, entry, situation)) continue
    const rate = rateFor(bid, entry)
    const order = best ? compareRates(rate, best.rate) || entry.seq - best.entry.seq : -1
    if (order < 0) best = { entry, rate }
  }
  return best?.entry
}

/** Pairs every bid that can be served: who pays more is served first, then who came first. */
export function matchBook(
  bids: Iterable<BidEntry>,
  asks: Iterable<AskEntry>,
  situation: Situation,
): Pairing[] {
  const left = Array.from(asks, (ask) => ({ ...ask }))
  const spent = new Map<string, bigint>()
  const spentOf = (account: Address, token: Address) => spent.get(account + token) ?? 0n
  const free = (account: Address, token: Address) => situation.purse(account, token) - spentOf(account, token)
  const spend = (account: Address, token: Address, amount: bigint) =>
    spent.set(account + token, spentOf(account, token) + amount)

  const pairings: Pairing[] = []
  for (const bid of [...bids].sort(byPriceThenTime)) {
    const ask = chooseAsk(bid, left, { ...situation, purse: free })
    if (!ask) continue
    const pairing = pair(bid, ask)
    if (free(bid.bid.account, bid.bid.token) < pairing.locks.tasker) continue

    pairings.push(pairing)
    ask.remaining -= pairing.fuel
    spend(bid.bid.account, bid.bid.token, pairing.locks.tasker)
    spend(ask.ask.account, ask.ask.token, pairing.locks.provider)
  }
  return pairings
}

/** How the two meet. Checks nothing. */
export function pair(bid: BidEntry, ask: AskEntry): Pairing {
  const fuel = quantity(bid, ask)
  const bidIsMaker = bid.seq < ask.seq
  const { price, retainer, claimFee, collateral } = ask.ask
  const taskerFee = bidIsMaker ? bid.bid.makerFee : bid.bid.takerFee
  return {
    ask: ask.digest,
    bid: bid.digest,
    seq: bid.next,
    fuel,
    bidIsMaker,
    locks: {
      tasker: taskerLock({ price, fuel, retainer, claimFee, taskerFee }),
      provider: lockOf(collateral, fuel),
    },
  }
}

/** What so much work costs. */
interface Rate {
  cost: bigint
  work: bigint
}

/**
 * What the bid would pay this ask, fees apart: the flat parts of a price weigh more on little work, so that
 * asks are compared by what they cost this bid and not by their price a gigafuel alone.
 */
function rateFor(bid: BidEntry, ask: AskEntry): Rate {
  const work = bid.job?.fuel ?? quantity(bid, ask)
  const flat = bid.job ? ask.ask.jobFuel : 0n
  return { cost: amountOf(ask.ask.price, work, flat) + ask.ask.retainer, work }
}

function compareRates(a: Rate, b: Rate): number {
  const difference = a.cost * b.work - b.cost * a.work
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

function byPriceThenTime(a: BidEntry, b: BidEntry): number {
  if (a.bid.maxPrice !== b.bid.maxPrice) return a.bid.maxPrice > b.bid.maxPrice ? -1 : 1
  return a.seq - b.seq
}
