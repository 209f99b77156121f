/** A quote within a budget. */

import { type GetQuoteParameters, getQuote } from '../actions/getQuote.ts'
import type { Quote } from '../api/quote.ts'
import type { MillraceClient } from '../client/client.ts'
import { getMarket } from '../client/getMarket.ts'
import { BASIS, GIGAFUEL } from '../documents/money.ts'
import { OverBudgetError } from '../errors/client.ts'

export interface BudgetParameters extends GetQuoteParameters {
  /** Base units, all in. */
  budget?: bigint
  /** Whether less fuel is as good, as far as the budget goes: where nobody asked for so much. */
  shrinks: boolean
}

/**
 * The best offer, asked for once more with less fuel where that is what the budget allows.
 *
 * @throws {OverBudgetError} where it can cost more than the budget
 */
export async function affordableQuote(
  client: MillraceClient,
  { budget, shrinks, ...request }: BudgetParameters,
): Promise<{ quote: Quote; fuel: bigint }> {
  const first = await getQuote(client, request)
  if (budget === undefined || first.most <= budget) return { quote: first, fuel: request.fuel }

  const { matcher, tokens } = await getMarket(client)
  const unit = tokens.find(({ address }) => address === request.token.toLowerCase())
  const overBudget = ({ most }: Quote) => new OverBudgetError({ most, budget, token: request.token }, unit)
  const fuel = affordableFuel(first, budget, matcher.takerFee, request.jobs ?? 1)
  if (!shrinks || fuel <= 0n) throw overBudget(first)
  const quote = await getQuote(client, { ...request, fuel, maxFuel: fuel })
  if (quote.most > budget) throw overBudget(quote)
  return { quote, fuel }
}

/** The most fuel, flat fuel apart, of which the worst case stays within a budget; negative where none does. */
export function affordableFuel(
  { price, jobFuel, parts }: Pick<Quote, 'price' | 'jobFuel' | 'parts'>,
  budget: bigint,
  fee: number,
  jobs: number,
): bigint {
  const most = (budget * BASIS) / (BASIS + BigInt(fee))
  const compute = most - parts.retainer - parts.claimFee
  const all = price === 0n ? compute * GIGAFUEL : (compute * GIGAFUEL) / price
  return all - BigInt(jobs) * jobFuel
}

/** The highest price per gigafuel at which a job of the quote, flat fuel included, stays within a budget, all in. */
export function highestPrice(
  { price, jobFuel, parts }: Pick<Quote, 'price' | 'jobFuel' | 'parts'>,
  budget: bigint,
  fee: number,
  fuel: bigint,
): bigint {
  const most = (budget * BASIS) / (BASIS + BigInt(fee))
  const compute = most - parts.retainer - parts.claimFee
  const highest = (compute * GIGAFUEL) / (fuel + jobFuel)
  return highest > price ? highest : price
}
