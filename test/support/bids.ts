/** Bids that are signed and left to themselves: what `run` does, one step at a time and open to changes. */
import { buildProgram, commit } from '@millrace/machine'
import {
  type Bid,
  type BidView,
  bidOf,
  getQuote,
  hashJob,
  inputBytes,
  type Job,
  putBlob,
  type Scheme,
  submitBid,
} from '@millrace/sdk'
import type { Address, Hex } from 'viem'
import type { Stack } from '../../scripts/stack/startStack.ts'
import { chainOf } from './chain.ts'
import type { Person } from './people.ts'
import type { Runnable } from './programs.ts'

export interface BidOptions extends Runnable {
  readonly fuel?: bigint
  readonly outputMax?: number
  readonly attempts?: number
  /** Seconds. */
  readonly time?: number
  readonly window?: number
  readonly disputeLimit?: number
  readonly provider?: Address
  /** Leaf of one of the market's schemes; without it, its first that fits. */
  readonly scheme?: Hex
  /** For a bid that is not as it should be; its job and its nonce stay. */
  readonly change?: (bid: Bid) => Bid
}

export interface PreparedBid {
  readonly bid: Bid
  readonly job: Job
  readonly scheme: Scheme
}

/** What a job may use where nothing is said. */
const FUEL = 100_000_000n

let nonce = 1n << 40n // above all that the SDK takes by itself

/** Uploads a job and makes the bid that carries it. */
export async function prepareBid(stack: Stack, person: Person, options: BidOptions): Promise<PreparedBid> {
  const { client, market, token } = person
  const { fuel = FUEL, outputMax = 4_096, attempts = 1, provider, scheme, change = (bid) => bid } = options
  const { time = 120, window = 600, disputeLimit = 600 } = options
  const times = { time: BigInt(time), window: BigInt(window), disputeLimit: BigInt(disputeLimit) }
  const input = inputBytes(options)
  const { root, memory } = buildProgram(options.program)
  const { timestamp } = await chainOf(stack).getBlock({ blockTag: 'pending' })
  // A node that took seconds to start runs so far behind the wall's clock, by which the matcher goes then.
  const wall = BigInt(Math.floor(Date.now() / 1_000))
  const now = timestamp > wall ? timestamp : wall
  const [quote] = await Promise.all([
    getQuote(client, {
      token: token.address,
      ...{ fuel, provider, scheme, memoryPages: memory.maxPages },
      ...{ window: times.window, disputeLimit: times.disputeLimit, end: now + times.time },
    }),
    putBlob(client, { bytes: options.program, kind: 'program', root }),
    putBlob(client, { bytes: input, kind: 'data' }),
  ])
  const job: Job = { programRoot: root, input: commit(input), fuel, outputMax, deadline: 0n }
  nonce += BigInt(attempts)
  const bid = bidOf({
    ...times,
    ...{ market, quote, fuel, provider, attempts, job, now },
    account: person.address,
    key: person.address,
    maxFuel: fuel,
    jobs: 1,
    memoryPages: memory.maxPages,
    nonce: nonce - BigInt(attempts),
  })
  return { bid: { ...change(bid), job: hashJob(job) }, job, scheme: quote.scheme }
}

/** Puts a bid into the book, and waits for nothing. */
export async function placeBid(stack: Stack, person: Person, options: BidOptions): Promise<BidView> {
  return submitBid(person.client, await prepareBid(stack, person, options))
}
