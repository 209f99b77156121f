/** What a job can cost, before anything is signed. */

import type { Quote } from '../api/quote.ts'
import { getChainTime } from '../client/chain.ts'
import type { MillraceClient } from '../client/client.ts'
import { getMarket } from '../client/getMarket.ts'
import { affordableQuote } from './affordableQuote.ts'
import { DEFAULT_FUEL, type OrderOptions, timesOf } from './options.ts'
import { programOf } from './program.ts'

export interface QuoteJobParameters extends OrderOptions {
  /** Bytes of a `module.wasm`. */
  program: Uint8Array
  /** The most that it may cost, all in, in base units of the token. */
  maxPrice?: bigint
  /** Most fuel that the job may use; without it, what `maxPrice` buys, up to ten gigafuel. */
  fuel?: bigint
  signal?: AbortSignal
}

/**
 * The best offer for one job, and the fuel that it is for. Nothing is reserved.
 *
 * @throws {ProgramRefusedError} for bytes that can never run
 * @throws {ProblemError} `no-offer`, with the counted reasons
 * @throws {OverBudgetError} where it can cost more than `maxPrice`
 */
export async function quoteJob(
  client: MillraceClient,
  parameters: QuoteJobParameters,
): Promise<{ quote: Quote; fuel: bigint }> {
  const { maxPages: memoryPages } = programOf(parameters.program).memory
  const { provider, scheme, collateral, signal, fuel = DEFAULT_FUEL } = parameters
  const [market, now] = await Promise.all([getMarket(client), getChainTime(client)])
  const { time, window, disputeLimit } = timesOf(parameters, { fuel, memoryPages })
  return affordableQuote(client, {
    ...{ provider, scheme, collateral, signal, window, disputeLimit, fuel },
    token: parameters.token ?? market.tokens[0]!.address,
    memoryPages,
    maxFuel: fuel,
    end: now + time,
    budget: parameters.maxPrice,
    shrinks: parameters.fuel === undefined,
  })
}
