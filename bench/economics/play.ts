// One lease of the simulator, played by honest and other parties. Money moves as the contracts move it; time is no part
// of it, and whoever plays the true trace wins its game, as the contracts' own tests show.
import { shareBond, shareSlash } from '@millrace/sdk'

/** Whoever can gain or lose. `friend` is a puppet of a dishonest provider; `nobody` has what is burned. */
export const PARTIES = ['tasker', 'provider', 'friend', 'challenger', 'chain', 'nobody'] as const
export type Party = (typeof PARTIES)[number]

/** What each has more than before, in base units. The sum is 0: money only moves. */
export type Book = Record<Party, bigint>

export type Provider =
  | 'honest'
  /** Every result is wrong, and costs nothing to make. */
  | 'liar'
  /** The same; where a challenger comes, a friend proves the guilt first and has the winner's share. */
  | 'rescuer'

export type Checking =
  /** Each result by itself, with the rate. */
  | 'each'
  /** All results of a lease or none of them. */
  | 'whole'
  | 'never'

export interface Lease {
  readonly provider: Provider
  readonly checking: Checking
  /** Share of results, or of leases, that somebody runs again. */
  readonly q: number
  readonly jobs: number
  /** `vouchers`: each result is looked at and paid before the next. `claim`: all at once, at the end. */
  readonly pay: 'vouchers' | 'claim'
  /** What a result earns, and what making it costs. */
  readonly price: bigint
  readonly effort: bigint
  readonly collateral: bigint
  readonly scheme: Parameters<typeof shareSlash>[1]
  /** What the gas of a game costs whoever challenges. A liar need not move at all. */
  readonly challenging: bigint
}

export const emptyBook = (): Book => ({
  ...{ tasker: 0n, provider: 0n, friend: 0n, challenger: 0n, chain: 0n, nobody: 0n },
})

/** Plays a lease to its end. `random` gives numbers from 0 up to but not 1. */
export function playLease(lease: Lease, random: () => number): Book {
  const { jobs, price, effort, provider } = lease
  const book = emptyBook()
  const lies = provider !== 'honest'
  const wholeLease = lease.checking === 'whole' && random() < lease.q
  const looksAt = () => (lease.checking === 'each' ? random() < lease.q : wholeLease)
  const pay = (amount: bigint) => move(book, 'tasker', 'provider', amount)

  let found = false
  for (let job = 0; job < jobs; job++) {
    if (!lies) move(book, 'provider', 'nobody', effort)
    found = (looksAt() && lies) || found
    if (lease.pay === 'claim') continue
    // A wrong result ends the lease, and is not paid; what was paid before stays paid.
    if (found) break
    pay(price)
  }
  if (lease.pay === 'claim' && !found) pay(price * BigInt(jobs))
  if (found) slash(book, lease)
  return book
}

function slash(book: Book, { provider, collateral, scheme, challenging }: Lease): void {
  const rescued = provider === 'rescuer'
  const { toArbiter, toTasker, toWinner, burned } = shareSlash(collateral, scheme, !rescued)
  const winner = rescued ? 'friend' : 'challenger'
  move(book, 'provider', winner, toWinner)
  move(book, 'provider', 'tasker', toTasker)
  move(book, 'provider', 'nobody', burned + toArbiter)
  // A rescue costs gas too; leaving it out favours the liar.
  if (!rescued) move(book, 'challenger', 'chain', challenging)
}

interface FalseChallenge {
  readonly bond: bigint
  /** The nth that is open in the lease: it costs n bonds. */
  readonly nth: number
  /** Gas of each side's transactions, in their order: the challenger's first opens the case. */
  readonly defending: readonly bigint[]
  readonly challenging: readonly bigint[]
  /** What the provider pays to end the game, after so many of the challenger's transactions. */
  readonly ending: (made: number) => bigint
  /** Base units for a unit of gas, at each transaction: the base fee moves while the game goes on. */
  readonly fee: () => bigint
  /** So many transactions the challenger makes before it falls silent, at least its opening. */
  readonly moves: number
}

/** A challenger against a right result, that plays on for a while and lets its clock run out: it loses. */
export function playFalse(challenge: FalseChallenge): Book {
  const { bond, nth, defending, challenging, ending, fee, moves } = challenge
  const book = emptyBook()
  const made = Math.min(moves, challenging.length)
  for (let i = 0; i < made; i++) {
    move(book, 'challenger', 'chain', challenging[i]! * fee())
    if (i < defending.length) move(book, 'provider', 'chain', defending[i]! * fee())
  }
  move(book, 'provider', 'chain', ending(made) * fee())
  const { toProvider, burned } = shareBond(bond * BigInt(nth))
  move(book, 'challenger', 'provider', toProvider)
  move(book, 'challenger', 'nobody', burned)
  return book
}

function move(book: Book, from: Party, to: Party, amount: bigint): void {
  book[from] -= amount
  book[to] += amount
}
