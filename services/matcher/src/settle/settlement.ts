/**
 * Does intents on chain: gathers those that come within a short window, tries each against the chain's present
 * state, and sends what would succeed in one transaction.
 */
import { type Call, findRevert, type MillraceError } from '@millrace/sdk'
import type { LocalAccount } from 'viem'
import type { Context } from '../context.ts'
import { finishIntent, type Intent, type IntentKind, waitingIntents } from '../journal/intents.ts'
import type { Sender } from '../journal/sender.ts'
import { Gatherer } from '../queues/gatherer.ts'
import { KINDS } from './calls.ts'
import { MissingError } from './load.ts'

/** Of a transaction, so that a block always has room for it (EIP-7825). */
const MOST_GAS = 16_777_216n

export interface SettlementOptions {
  context: Context
  sender: Sender
  hot: LocalAccount
  /** The chain would refuse it, or what it needs is gone. */
  onRefused(intent: Intent, error: MillraceError | MissingError): void
}

export class Settlement {
  readonly #options: SettlementOptions
  readonly #gatherers: Map<IntentKind, Gatherer<string>>

  constructor(options: SettlementOptions) {
    this.#options = options
    const { batchMost, batchWindowMs } = options.context.config
    const kinds = Object.keys(KINDS) as IntentKind[]
    this.#gatherers = new Map(
      kinds.map((kind) => [
        kind,
        new Gatherer<string>({
          most: KINDS[kind].many ? batchMost : 1,
          windowMs: batchWindowMs,
          flush: (ids) => this.#flush(kind, [...new Set(ids)]),
        }),
      ]),
    )
  }

  /** Does an intent, with others of its kind. Resolves when its transaction is on disk and sent, or it is refused. */
  async settle(id: string): Promise<void> {
    const kind = id.slice(0, id.indexOf('.')) as IntentKind
    await this.#gatherers.get(kind)?.add(id)
  }

  async #flush(kind: IntentKind, ids: string[]): Promise<void> {
    const { context, sender } = this.#options
    const waiting = await waitingIntents(context.db, ids)
    const tried = await Promise.all(waiting.map((intent) => this.#try(kind, intent)))
    const good = tried.filter((item) => item !== undefined)
    if (good.length === 0) return

    const { one, many } = KINDS[kind]
    const items = good.map(({ item }) => item)
    const call = many ? many(context, items) : one(context, items[0])
    const gas = await this.#gasFor(call)
    context.metrics.batch.observe({ kind }, good.length)
    await sender.send(
      { ...call, gas },
      good.map(({ intent }) => intent.id),
    )
  }

  /** The item if the chain would take it now. */
  async #try(kind: IntentKind, intent: Intent): Promise<{ intent: Intent; item: unknown } | undefined> {
    const { context } = this.#options
    try {
      const item = await KINDS[kind].load(context, intent)
      const { to, data } = KINDS[kind].one(context, item)
      const blockTag = KINDS[kind].isTimed ? 'pending' : 'latest'
      await context.client.call({ account: this.#options.hot.address, to, data, blockTag })
      return { intent, item }
    } catch (error) {
      const reason = error instanceof MissingError ? error : findRevert(error)
      if (!reason) throw error
      await this.#refuse(intent, reason)
      return undefined
    }
  }

  async #refuse(intent: Intent, error: MillraceError | MissingError): Promise<void> {
    const { context, onRefused } = this.#options
    const code = error instanceof MissingError ? 'missing' : error.code
    await context.committer.commit((tx) => finishIntent(tx, intent.id, 'refused', code))
    context.log.info(
      { intent: intent.id, code, reason: error.message },
      'not sent: the chain would refuse it',
    )
    onRefused(intent, error)
  }

  /** A fifth above the estimate: state may differ a little by the time it is mined. */
  async #gasFor({ to, data }: Call): Promise<bigint> {
    const { context, hot } = this.#options
    const estimate = await context.client.estimateGas({ account: hot.address, to, data })
    const gas = (estimate * 6n) / 5n + 20_000n
    return gas < MOST_GAS ? gas : MOST_GAS
  }
}
