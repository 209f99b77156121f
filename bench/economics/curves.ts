// What the simulator finds, beside what the formulas of `sdk/src/proof` say. The same seed gives the same numbers.
import {
  bondFor,
  collateralFor,
  defenderGas,
  falseChallenge,
  fuelOfLevel,
  GAME_GAS,
  liarsProfit,
} from '@millrace/sdk'
import { zeroAddress } from 'viem'
import { randomFrom } from '../../machine/src/random/random.ts'
import {
  type Book,
  type Checking,
  emptyBook,
  type Lease,
  PARTIES,
  type Provider,
  playFalse,
  playLease,
} from './play.ts'

export const SEED = 20_261_121

/** What a job earns: amounts are in millionths of that. */
export const PRICE = 1_000_000n
/** Collaterals, in jobs' pay. */
const COLLATERALS = [1, 2, 5, 10, 20]
/** Base fees during a dispute, in the one at signing. */
const FEES = Array.from({ length: 15 }, (_, i) => 2 ** (i / 2))

/** A run of 2^30 steps of CPython, more or less: 2.5 gigafuel. */
const LEVEL = 8
const BASE_FEE = 1_000n
const TOKEN_PER_ETHER = 10n ** 18n

const scheme = { arbiter: zeroAddress, arbiterFee: 0n, taskerShare: 7_000, winnerShare: 1_000 } as const

const LEASE: Lease = {
  ...{ provider: 'rescuer', checking: 'each', q: 0.1, jobs: 1, pay: 'vouchers' },
  ...{ price: PRICE, effort: (PRICE * 8n) / 10n, collateral: 10n * PRICE, scheme, challenging: PRICE / 2n },
}

/** A mean of many draws beside the mean that a formula says. `error` is the draws' own, one standard deviation. */
export interface Point {
  readonly x: number
  readonly simulated: number
  readonly formula: number
  readonly error: number
}

export interface Curve {
  readonly name: string
  readonly points: readonly Point[]
}

/** A liar's mean profit, in a job's pay, over the share of results that are checked: a curve for each collateral. */
export function lieCurves(leases: number, seed = SEED): Curve[] {
  const random = randomFrom(seed)
  return COLLATERALS.map((pays) => {
    const collateral = BigInt(pays) * PRICE
    const points = Array.from({ length: 13 }, (_, i): Point => {
      const q = i / 20
      const { mean, error } = average(leases, () => liarOf(playLease({ ...LEASE, collateral, q }, random)))
      const formula = Number(liarsProfit({ gain: PRICE, collateral, q, scheme })) / Number(PRICE)
      return { x: q, simulated: mean, formula, error }
    })
    return { name: `${pays}`, points }
  })
}

/** What an honest provider loses for each unit that a false challenger spends, over the base fee. */
export function griefCurves(games: number, seed = SEED): Curve[] {
  const random = randomFrom(seed)
  return Object.entries(GRIEFERS).map(([name, movesOf]) => ({
    name,
    points: FEES.map((fee): Point => {
      const books = Array.from({ length: games }, () =>
        playFalse({ ...falseGame(fee, random), moves: movesOf(random) }),
      )
      const lost = books.map(({ provider }) => -Number(provider))
      const spent = books.map(({ challenger }) => -Number(challenger))
      const ratio = sumOf(lost) / sumOf(spent)
      // Of a ratio of means: the spread of what is left of the one beside so many times the other.
      const { error } = average(games, (i) => lost[i]! - ratio * spent[i]!)
      const formula = griefFormula(fee, name as keyof typeof GRIEFERS)
      return { x: fee, simulated: ratio, formula, error: (error * games) / sumOf(spent) }
    }),
  }))
}

const SPLITS = LEVEL / 2
/** How many transactions a false challenger makes before it falls silent. */
const GRIEFERS = {
  silent: () => 1,
  random: (random: () => number) => 1 + Math.floor(random() * (SPLITS + 1)),
  'to the end': () => SPLITS + 1,
}

const CHALLENGING = [GAME_GAS.challenge, ...Array<bigint>(SPLITS).fill(GAME_GAS.move)]
const DEFENDING = Array<bigint>(SPLITS).fill(GAME_GAS.move)
/** Single steps that the challenger posted are proven wrong; else its time is called. */
const endingOf = (made: number) => (made > SPLITS ? GAME_GAS.prove : GAME_GAS.timeout) + GAME_GAS.settle

/** The bond of a lease that keeps to the rule: eight times the base fee at its signing. */
export const BOND = bondFor({
  ...{ gas: defenderGas(fuelOfLevel(LEVEL)), baseFee: BASE_FEE, tokenPerEther: TOKEN_PER_ETHER },
})

function falseGame(fee: number, random: () => number) {
  // From one block to the next it moves by an eighth at most.
  const jitter = () => BigInt(Math.round(Number(BASE_FEE) * fee * (1 + (2 * random() - 1) / 8)))
  return { bond: BOND, nth: 1, defending: DEFENDING, challenging: CHALLENGING, ending: endingOf, fee: jitter }
}

function griefFormula(fee: number, griefer: keyof typeof GRIEFERS): number {
  const all = Array.from({ length: SPLITS + 1 }, (_, i) => i + 1)
  const mades = griefer === 'silent' ? [1] : griefer === 'random' ? all : [SPLITS + 1]
  const sums = mades.map((made) =>
    falseChallenge({
      bond: BOND,
      scheme,
      baseFee: BigInt(Math.round(Number(BASE_FEE) * fee)),
      tokenPerEther: TOKEN_PER_ETHER,
      challenging: total(CHALLENGING.slice(0, made)),
      defending: total(DEFENDING.slice(0, made)) + endingOf(made),
    }),
  )
  return (
    sumOf(sums.map(({ provider }) => Number(provider))) /
    sumOf(sums.map(({ challenger }) => Number(challenger)))
  )
}

/** Leases of ten jobs at the least collateral for q: what each kind of provider earns in one on average, in jobs' pay. */
export function market(leases: number, q = 0.1, seed = SEED) {
  const random = randomFrom(seed)
  const collateral = collateralFor({ gain: PRICE, q, scheme })
  const rows: { provider: Provider; checking: Checking; pay: Lease['pay']; mean: number; error: number }[] =
    []
  const sum = emptyBook()
  for (const provider of ['honest', 'liar', 'rescuer'] as const) {
    for (const checking of ['each', 'whole', 'never'] as const) {
      for (const pay of ['vouchers', 'claim'] as const) {
        const lease = { ...LEASE, provider, checking, pay, q, collateral, jobs: 10 }
        const { mean, error } = average(leases, () => {
          const book = playLease(lease, random)
          for (const party of PARTIES) sum[party] += book[party]
          return liarOf(book)
        })
        rows.push({ provider, checking, pay, mean, error })
      }
    }
  }
  return { rows, collateral, sum }
}

/** What a provider and its friend have more than before, in jobs' pay. */
const liarOf = ({ provider, friend }: Book) => Number(provider + friend) / Number(PRICE)

function average(count: number, draw: (i: number) => number) {
  const drawn = Array.from({ length: count }, (_, i) => draw(i))
  const mean = sumOf(drawn) / count
  const variance = sumOf(drawn.map((value) => (value - mean) ** 2)) / count
  return { mean, error: Math.sqrt(variance / count) }
}

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)
const total = (values: readonly bigint[]) => values.reduce((sum, value) => sum + value, 0n)
