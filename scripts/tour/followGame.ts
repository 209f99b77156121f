import { type DisputeView, formatAmount, getChain, type MarketEvent, watchEvents } from '@millrace/sdk'
import type { DisputeGame } from '@millrace/sdk/api'
import type { Address, Hex } from 'viem'
import { formatFuel } from '../../cli/src/format/formatFuel.ts'
import { formatDuration } from '../../cli/src/format/formatTime.ts'
import { groupThousands } from '../../cli/src/format/groupThousands.ts'
import { STATUS_WORDS } from '../../cli/src/show/job.ts'
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
  /** When the last line was told. */
  #at: number | undefined

  constructor(tour: Tour) {
    this.#tour = tour
  }

  async tell(event: MarketEvent): Promise<void> {
    if (this.#seen.has(event.id)) return
    this.#seen.add(event.id)
    if (event.type === 'job.result') {
      const { status, fuelUsed } = event.data.result!.result
      this.#say(
        'result',
        `the liar signs that the program ${STATUS_WORDS[status]} after ${formatFuel(fuelUsed)}`,
      )
    }
    if (event.type === 'lease.slashed') {
      const { gas, from } = await this.#receipt(event.tx!)
      this.#say('slashed', `the liar’s whole collateral, by ${this.#nameOf(from)}`, gas)
    }
    if (event.type.startsWith('dispute.')) await this.#tellDispute(event.data as DisputeView, event.tx!)
  }

  async #tellDispute(view: DisputeView, tx: Hex): Promise<void> {
    const { game } = view
    if (!game) throw new TourFailedError('the dispute is decided by proof', { scheme: view.scheme })
    if (!this.#dispute) {
      this.#challenge = tx
      const { gas } = await this.#receipt(tx)
      const bond = formatAmount(view.bond, this.#tour.token)
      const [own, other] = [game.challengerClock, game.providerClock].map((clock) =>
        formatDuration(Number(clock)),
      )
      this.#say(
        'challenged',
        `the watcher ran it again, and puts up ${bond}; ${own} for it, ${other} for the liar`,
        gas,
      )
    }
    this.#dispute = view
    for (const move of game.moves.slice(this.#moves.length)) await this.#tellMove(move, game)
    this.#before = game
  }

  async #tellMove(move: DisputeGame['moves'][number], game: DisputeGame): Promise<void> {
    const { by, kind, tx, level } = move
    const { gas } = await this.#receipt(tx)
    const clock = by === 'provider' ? game.providerClock : game.challengerClock
    this.#moves.push({ by, kind, tx, gas, level, clock })
    const left = kind === 'prove' || kind === 'timeout' ? '' : `; ${formatDuration(Number(clock))} left`
    this.#say(WORDS[kind], `${NAMES[by]} ${this.#says(move, game)}${left}`, gas)
  }

  /** A line, with the time since the one before, as phases are told. */
  #say(word: string, text: string, gas?: bigint): void {
    const cost = gas === undefined ? '' : `  (gas ${gasText(gas)})`
    const now = Date.now()
    this.#tour.say(`  ${word.padEnd(10)}  ${text}${cost}  +${now - (this.#at ?? now)} ms`)
    this.#at = now
  }

  #says({ kind, level }: DisputeGame['moves'][number], game: DisputeGame): string {
    const sections = `32 × ${groupThousands((32n ** BigInt(level)).toString())} ${level === 0 ? 'step' : 'steps'}`
    if (kind === 'defend') return `shows how its run begins and ends: ${sections}`
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
      const who = this.#sideOf(from)
      spent[who].gas += gas
      spent[who].transactions++
    }
    return { dispute: { ...dispute, game: dispute.game }, moves: this.#moves, gas: spent }
  }

  #sideOf(account: Address): keyof FollowedGame['gas'] {
    const { provider, providerKey, challenger } = this.#dispute!.game!
    if (account === challenger) return 'challenger'
    return account === provider || account === providerKey ? 'provider' : 'others'
  }

  #nameOf(account: Address): string {
    const side = this.#sideOf(account)
    return side === 'others' ? 'the matcher' : NAMES[side]
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
