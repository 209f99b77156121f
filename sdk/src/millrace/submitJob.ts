/** From a program, an input and a price to a bid in the book. */
import { commit, type Program } from '@millrace/machine'
import type { Address, Hex } from 'viem'
import { putBlob } from '../actions/blobs.ts'
import { getBalance } from '../actions/getFunds.ts'
import { submitBid } from '../actions/submitBid.ts'
import { getChainTime, getDomain } from '../client/chain.ts'
import { accountOf, keyOf, type MillraceClient } from '../client/client.ts'
import { getMarket } from '../client/getMarket.ts'
import { type Bid, digestBid } from '../documents/bid.ts'
import { highestPrice } from './affordableQuote.ts'
import { ensureFunds } from './funding.ts'
import type { InputOptions } from './input.ts'
import { takeNonces } from './nonces.ts'
import { bidOf } from './offer.ts'
import { DEFAULT_FUEL, defaultOutput, type FollowOptions, type OrderOptions, timesOf } from './options.ts'
import type { Tell } from './progress.ts'
import { quoteJob } from './quoteJob.ts'

export interface RunParameters extends InputOptions, OrderOptions, FollowOptions {
  /** Bytes of a `module.wasm`. */
  program: Uint8Array
  /** The most that it may cost, all in, in base units of the token. */
  maxPrice?: bigint
  /** Most fuel that the job may use; without it, what `maxPrice` buys, up to ten gigafuel. */
  fuel?: bigint
  /** Most bytes of output. */
  outputMax?: number
  /** How often it may be tried, each time with another provider. */
  attempts?: number
}

const DEFAULT_ATTEMPTS = 3

export interface PreparedJob {
  program: Program
  input: Uint8Array
  tell: Tell
}

/** A bid under its own name, whatever a matcher calls it. */
export interface SubmittedJob {
  digest: Hex
  bid: Bid
}

/** Uploads, quotes, sees to the money, signs the bid and puts it in the book. */
export async function submitJob(
  client: MillraceClient,
  parameters: RunParameters,
  { program, input, tell }: PreparedJob,
): Promise<SubmittedJob> {
  const { signal, maxPrice, attempts = DEFAULT_ATTEMPTS, deposit = 'never' } = parameters
  const [market, now] = await Promise.all([getMarket(client), getChainTime(client)])
  const token = parameters.token ?? market.tokens[0]!.address
  const { outputMax = defaultOutput(market.limits) } = parameters
  const memoryPages = program.memory.maxPages
  const times = timesOf(parameters, { fuel: parameters.fuel ?? DEFAULT_FUEL, memoryPages })
  const inputRoot = commit(input)
  tell('prepared', { programRoot: program.root, input: inputRoot, memoryPages })

  const { provider, collateral } = parameters
  const [{ quote, fuel }] = await Promise.all([
    quoteJob(client, parameters),
    putBlob(client, { bytes: parameters.program, kind: 'program', root: program.root, signal }),
    putBlob(client, { bytes: input, kind: 'data', root: inputRoot, signal }),
  ])
  const { most, price, parts } = quote
  tell('quoted', { most, token, price, fuel, parts, provider: quote.provider })

  const topUp = await ensureFunds(client, { token, needed: most, policy: deposit })
  if (topUp) tell('funded', { amount: topUp.credited }, { tx: topUp.hash, gas: topUp.receipt.gasUsed })

  // A later attempt may need a dearer provider: the bid reaches as far as budget and funds do.
  const { makerFee, takerFee } = market.matcher
  const budget = maxPrice === undefined ? most : await withinFunds(client, token, maxPrice)
  const highest = highestPrice(quote, budget, Math.max(makerFee, takerFee), fuel)

  // In a job lease the lease's own end counts, not the job's deadline.
  const job = { programRoot: program.root, input: inputRoot, fuel, outputMax, deadline: 0n }
  const bid = bidOf({
    ...times,
    ...{ market, quote, fuel, memoryPages, collateral, provider, attempts, job, now },
    account: accountOf(client, 'run').address,
    key: keyOf(client, 'run').address,
    maxPrice: highest,
    maxFuel: fuel,
    jobs: 1,
    nonce: takeNonces(client, attempts),
  })
  // From here on a retry is safe and an abort only detaches.
  signal?.throwIfAborted()
  await submitBid(client, { bid, scheme: quote.scheme, job })
  const digest = digestBid(await getDomain(client), bid)
  tell('signed', { order: digest, most, end: bid.end })
  return { digest, bid }
}

/** A budget as far as free funds cover it: a bid is refused that its account could not pay. */
async function withinFunds(client: MillraceClient, token: Address, budget: bigint): Promise<bigint> {
  const { free } = await getBalance(client, { token })
  return budget < free ? budget : free
}
