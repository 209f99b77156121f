/**
 * One transaction that must be mined in time, from its first sending to its receipt: the fee rises, the nonce stays, and
 * what became pointless is taken back.
 */
import {
  type Hex,
  keccak256,
  type LocalAccount,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem'
import type { Call } from '../calls/call.ts'
import { ContractError } from '../errors/contracts/contractError.ts'
import { RevertedError } from '../errors/revert.ts'
import type { Chain } from './chain.ts'
import { type MillraceClient, secondsOf } from './client.ts'
import { delay } from './delay.ts'
import { type FeeMarket, type Fees, feesAt, leastReplacement, MOST_TIP, replacementFees } from './fees.ts'
import { inFlightOf, inTurn, takeNonce } from './turns.ts'

export interface FlightPlan {
  call: Call
  gas: bigint
  /** Unix seconds of the chain. */
  deadline: bigint
  signal?: AbortSignal
  translate(error: unknown, call: Call): unknown
}

/** Blocks that a transaction is left to itself. */
const PATIENCE = 2n
/** Looks at a chain without blocks that it is left to itself. */
const LOOKS = 400

/** Seconds before the deadline in which a fee that is too low may cost the move: ten blocks. */
const URGENT = 120

/** Seconds after the deadline in which a node that is away may come back and tell what became of it. */
const HOPE = 600n

/** Of a transfer of nothing, which takes the place of a call that became pointless. */
const TRANSFER_GAS = 21_000n

export class Flight {
  readonly #client: MillraceClient
  readonly #chain: Chain
  readonly #account: LocalAccount
  readonly #plan: FlightPlan
  /** Every transaction that was ever sent for it: any of them may be mined. */
  readonly #sent: Hex[] = []
  #nonce = 0
  #fees: Fees = { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n }
  #raw: Hex = '0x'
  #startedAt = 0n
  /** The block after which it was last sent, and how often the chain was looked at since. */
  #block = 0n
  #looks = 0
  /** Why the call is pointless. From then on its place is taken by a transfer of nothing. */
  #overtaken: unknown
  /** Whether what was sent last has another nonce or does what is pointless now. */
  #isStale = false

  constructor(client: MillraceClient, chain: Chain, account: LocalAccount, plan: FlightPlan) {
    this.#client = client
    this.#chain = chain
    this.#account = account
    this.#plan = plan
  }

  /** Sends it, and again as often as it takes. Resolves when it is mined, be it reverted. */
  async land(): Promise<TransactionReceipt> {
    const { signal } = this.#plan
    await this.#start()
    try {
      while (true) {
        await delay(this.#client.pollingInterval, signal)
        const receipt = await this.#look().catch((error) => this.#bear(error))
        if (receipt) return this.#landed(receipt)
      }
    } finally {
      inFlightOf(this.#client).delete(this.#nonce)
    }
  }

  async #start(): Promise<void> {
    const { publicClient } = this.#chain
    await inTurn(this.#client, async () => {
      const [nonce, market, { number, timestamp }] = await Promise.all([
        takeNonce(this.#client, publicClient, this.#account.address),
        this.#market(),
        publicClient.getBlock(),
      ])
      this.#nonce = nonce
      this.#startedAt = timestamp
      this.#block = number
      inFlightOf(this.#client).add(nonce)
      try {
        await this.#replace(feesAt(market, this.#spent(timestamp)))
      } catch (error) {
        inFlightOf(this.#client).delete(nonce)
        throw this.#plan.translate(error, this.#plan.call)
      }
    })
  }

  /** One look at the chain, and what follows from it. */
  async #look(): Promise<TransactionReceipt | undefined> {
    const { publicClient } = this.#chain
    const { address } = this.#account
    const [block, mined] = await Promise.all([
      publicClient.getBlock(),
      publicClient.getTransactionCount({ address, blockTag: 'latest' }),
    ])
    const receipt = await this.#receipt()
    if (receipt) return receipt
    if (mined > this.#nonce) return this.#takeAnotherNonce()
    this.#looks++
    // Of a chain that was reorganised, and of one that mines only what it is sent, no more blocks need come.
    const isDue = block.number >= this.#block + PATIENCE || block.number < this.#block
    if (!isDue && this.#looks < LOOKS) return undefined

    this.#looks = 0
    await this.#checkPoint()
    // Its place is behind one that nodes forgot, or that a process before this one left there with too low a fee.
    if (mined < this.#nonce && !inFlightOf(this.#client).has(mined)) this.#moveTo(mined)
    const spent = this.#spent(block.timestamp)
    const fees = replacementFees(this.#fees, await this.#market(), spent)
    if (fees || this.#isStale) await this.#replace(fees ?? leastReplacement(this.#fees))
    else await publicClient.sendRawTransaction({ serializedTransaction: this.#raw }).catch(unlessKnown)
    this.#block = block.number
    return undefined
  }

  /** Somebody else's transaction of this account was mined with the nonce, and none of this flight. */
  async #takeAnotherNonce(): Promise<TransactionReceipt | undefined> {
    const receipt = await this.#receipt()
    if (receipt) return receipt
    if (this.#overtaken) throw this.#overtaken
    await this.#checkPoint()
    if (this.#overtaken) throw this.#overtaken
    await inTurn(this.#client, async () => {
      this.#moveTo(await takeNonce(this.#client, this.#chain.publicClient, this.#account.address))
      await this.#send(this.#fees)
    })
    return undefined
  }

  /** Asks whether the call still makes sense. */
  async #checkPoint(): Promise<void> {
    if (this.#overtaken) return
    const { call, translate } = this.#plan
    const { publicClient } = this.#chain
    try {
      const { to, data } = call
      await publicClient.call({ account: this.#account.address, to, data, blockTag: 'latest' })
    } catch (cause) {
      const error = translate(cause, call)
      const refused = error instanceof ContractError || error instanceof RevertedError
      if (!refused) throw error
      if (error.retryable) return
      this.#overtaken = error
      this.#isStale = true
    }
  }

  #moveTo(nonce: number): void {
    const inFlight = inFlightOf(this.#client)
    inFlight.delete(this.#nonce)
    inFlight.add(nonce)
    this.#nonce = nonce
    this.#isStale = true
  }

  /** Nodes may know of a transaction that pays more: then one more is offered. */
  async #replace(fees: Fees): Promise<void> {
    for (let wanted = fees, tries = 0; ; wanted = leastReplacement(wanted), tries++) {
      try {
        return await this.#send(wanted)
      } catch (error) {
        const isTooLow = /underpriced|replacement|fee too low/i.test(textOf(error))
        if (!isTooLow || tries >= 20 || wanted.maxPriorityFeePerGas >= MOST_TIP) throw error
      }
    }
  }

  async #send(fees: Fees): Promise<void> {
    const { publicClient } = this.#chain
    const { call, gas } = this.#plan
    const { address } = this.#account
    const does = this.#overtaken ? { to: address, gas: TRANSFER_GAS } : { to: call.to, data: call.data, gas }
    const chainId = publicClient.chain!.id
    this.#raw = await this.#account.signTransaction({
      ...{ type: 'eip1559', chainId, nonce: this.#nonce },
      ...does,
      ...fees,
    })
    // Before it is out: nobody knows what becomes of a request whose answer is lost.
    this.#sent.push(keccak256(this.#raw))
    await publicClient.sendRawTransaction({ serializedTransaction: this.#raw }).catch(unlessKnown)
    this.#fees = fees
    this.#isStale = false
  }

  async #receipt(): Promise<TransactionReceipt | undefined> {
    const { publicClient } = this.#chain
    for (const hash of this.#sent) {
      const receipt = await publicClient.getTransactionReceipt({ hash }).catch((error) => {
        if (error instanceof TransactionReceiptNotFoundError) return undefined
        throw error
      })
      if (receipt) return receipt
    }
    return undefined
  }

  async #landed(receipt: TransactionReceipt): Promise<TransactionReceipt> {
    const { to } = receipt
    const isTransfer = to?.toLowerCase() === this.#account.address.toLowerCase()
    if (isTransfer && this.#overtaken) throw this.#overtaken
    return receipt
  }

  async #market(): Promise<FeeMarket> {
    const { publicClient } = this.#chain
    const [{ baseFeePerGas }, tip] = await Promise.all([
      publicClient.getBlock(),
      publicClient.estimateMaxPriorityFeePerGas(),
    ])
    return { baseFee: baseFeePerGas ?? 0n, tip }
  }

  /** Of its own time, or of the last part before the deadline: a late one has none to begin with little. */
  #spent(now: bigint): number {
    const { deadline } = this.#plan
    const left = Number(deadline - now)
    const all = Number(deadline - this.#startedAt)
    return left <= 0 ? 1 : 1 - left / Math.max(all, URGENT)
  }

  /** A node that is away for a while must not cost a move. */
  #bear(error: unknown): undefined {
    const hopeless = secondsOf(this.#client) > this.#plan.deadline + HOPE
    if (error === this.#overtaken || hopeless || /insufficient funds/i.test(textOf(error))) {
      throw this.#plan.translate(error, this.#plan.call)
    }
  }
}

/** A node that has it already, or has mined it, says so with an error. */
function unlessKnown(error: unknown): void {
  if (!/already known|known transaction|already imported|nonce too low/i.test(textOf(error))) throw error
}

/** What a node says is deep in viem's errors, and their texts hold it. */
function textOf(error: unknown): string {
  return error instanceof Error ? `${error.message} ${textOf(error.cause)}` : ''
}
