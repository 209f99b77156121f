import { type DisputeView, formatAmount, getChain, type MarketEvent, watchEvents } from '@millrace/sdk'
import type { DisputeGame } from '@millrace/sdk/api'
import type { Address, Hex } from 'viem'
import { formatDuration } from '../../cli/src/format/formatTime.ts'
import { groupThousands } from '../../cli/src/format/groupThousands.ts'
import { TourFailedError } from './must.ts'
import { gasText, type Tour } from './Tour.ts'

const LIMIT_MS = 120_000

/** A move as it was told. */
export interface ToldMove {
  readonly by: 'provider' | 'challenger'
  readonly kind: DisputeGame['moves'][number]['kind']
  readonly tx: Hex
  readonly gas: bigint
  /** Each section of the split that it left is 32^level steps. */
  readonly level: number
  /** Seconds that the mover has left. */
  readonly clock: bigint
}

export interface FollowedGame {
  readonly dispute: DisputeView & { readonly game: DisputeGame }
  readonly moves: readonly ToldMove[]
  /** Gas of everybody who sent something for it, and in how many transactions. */
  readonly gas: Readonly<Record<'provider' | 'challenger' | 'others', Spent>>
}

export interface Spent {
  readonly gas: bigint
  readonly transactions: number
}

/** Tells a dispute of a lease as it goes on, move by move, until the lease is slashed. */
export async function followGame(tour: Tour, lease: Hex): Promise<FollowedGame> {
  const teller = new Teller(tour)
  const slashed = Promise.withResolvers<Hex | undefined>()
  let telling: Promise<void> = Promise.resolve()
  const stop = watchEvents(tour.client, {
    lease,
    lastEventId: '0',
    onEvent: (event) => {
      telling = telling.then(() => teller.tell(event))
      telling.catch(slashed.reject)
      if (event.type === 'lease.slashed') slashed.resolve(event.tx)
    },
  })
  const timer = setTimeout(
    () => slashed.reject(new TourFailedError('a lie is found and slashed', { lease, within: LIMIT_MS })),
    LIMIT_MS,
  )
  try {
    const settled = await slashed.promise
    await telling
    return await teller.finish(settled)
  } finally {
    clearTimeout(timer)
    stop()
  }
}

const NAMES = { provider: 'the liar', challenger: 'the watcher' } as const

/** Events in the order of the chain, each of them once. */
class Teller {
  readonly #tour: Tour
  readonly #moves: ToldMove[] = []
  readonly #seen = new Set<string>()
  #dispute: DisputeView | undefined
  #before: DisputeGame | undefined
  #challenge: Hex | undefined

  constructor(tour: Tour) {
    this.#tour = tour
  }

  async tell(event: MarketEvent): Promise<void> {
    if (this.#seen.has(event.id)) return
    this.#seen.add(event.id)
    const { say, token } = this.#tour
    if (event.type === 'job.result') {
      const { fuelUsed } = event.data.result!.result
      say(
        `  result      the liar signs one: exited, after ${groupThousands(fuelUsed.toString())} units of fuel`,
      )
    }
    if (!event.type.startsWith('dispute.')) return
    const view = event.data as DisputeView
    const { game } = view
    if (!game) throw new TourFailedError('the dispute is decided by proof', { scheme: view.scheme })
    this.#dispute = view
    if (event.type === 'dispute.opened') {
      this.#challenge = event.tx
      const { gas } = await this.#receipt(event.tx!)
      say(
        `  challenged  the watcher ran it again, and puts up ${formatAmount(view.bond, token)}: ` +
          `${formatDuration(Number(game.providerClock))} a side  (gas ${gasText(gas)})`,
      )
    }
    for (const move of game.moves.slice(this.#moves.length)) await this.#tellMove(move, game)
    this.#before = game
  }

  async #tellMove(move: DisputeGame['moves'][number], game: DisputeGame): Promise<void> {
    const { by, kind, tx, level } = move
    const { gas } = await this.#receipt(tx)
    const clock = by === 'provider' ? game.providerClock : game.challengerClock
    this.#moves.push({ by, kind, tx, gas, level, clock })
    const left = kind === 'prove' || kind === 'timeout' ? '' : `; ${formatDuration(Number(clock))} left`
    this.#tour.say(
      `  ${WORDS[kind].padEnd(10)}  ${NAMES[by]} ${this.#says(move, game)}${left}  (gas ${gasText(gas)})`,
    )
  }

  #says({ kind, level }: DisputeGame['moves'][number], game: DisputeGame): string {
    const sections = `32 × ${groupThousands((32n ** BigInt(level)).toString())} ${level === 0 ? 'step' : 'steps'}`
    if (kind === 'defend') return `shows how its run begins and ends, and 31 states between: ${sections}`
    if (kind === 'prove') return 'has the contract make the step: it comes out otherwise'
    if (kind === 'timeout') return 'finds the other side’s time run out'
    const before = this.#before!
    const index = (game.firstStep - before.firstStep) >> (5n * BigInt(before.level))
    return `says that section ${index + 1n} ends otherwise: ${sections}`
  }

  async finish(settled: Hex | undefined): Promise<FollowedGame> {
    const dispute = this.#dispute
    if (!dispute?.game) throw new TourFailedError('a lie is challenged', {})
    const txs = [this.#challenge, ...this.#moves.map(({ tx }) => tx), settled].filter(
      (tx) => tx !== undefined,
    )
    const spent: Record<keyof FollowedGame['gas'], { gas: bigint; transactions: number }> = {
      provider: { gas: 0n, transactions: 0 },
      challenger: { gas: 0n, transactions: 0 },
      others: { gas: 0n, transactions: 0 },
    }
    for (const tx of new Set(txs)) {
      const { gas, from } = await this.#receipt(tx)
      const { provider, providerKey, challenger } = dispute.game
      const who =
        from === challenger ? 'challenger' : [provider, providerKey].includes(from) ? 'provider' : 'others'
      spent[who].gas += gas
      spent[who].transactions++
    }
    return { dispute: { ...dispute, game: dispute.game }, moves: this.#moves, gas: spent }
  }

  async #receipt(hash: Hex): Promise<{ gas: bigint; from: Address }> {
    const { publicClient } = await getChain(this.#tour.client)
    const { gasUsed, from } = await publicClient.getTransactionReceipt({ hash })
    return { gas: gasUsed, from: from.toLowerCase() as Address }
  }
}

const WORDS: Readonly<Record<ToldMove['kind'], string>> = {
  defend: 'defended',
  split: 'split',
  prove: 'proved',
  timeout: 'timed out',
}
