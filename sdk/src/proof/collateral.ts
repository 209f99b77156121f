/**
 * What lying, false challenges, stalling and collusion cost, over the terms of a lease: `docs/SECURITY.md` derives it.
 * Amounts are base units of the lease's token; `q` is the share of results that somebody able to challenge runs again,
 * each chosen by itself and unknown to the provider beforehand.
 */
import { amountOf, BASIS, ceilDiv, GIGAFUEL } from '../documents/money.ts'
import type { Scheme } from '../documents/scheme.ts'
import type { Terms } from '../documents/terms.ts'
import { arbiterPart, type GasPrice, gasCost, shareBond } from './bond.ts'

/** Rates are counted in so many parts. */
const ONE = 10n ** 9n

/** As `Slash.sol` bounds the shares of a slash, basis points. */
const MOST_TO_WINNER = 1_000n
const LEAST_BURNED = 2_000n

/** Disputes that a lease can have open at once. */
const MOST_DISPUTES = 255n

type Shares = Pick<Scheme, 'taskerShare' | 'winnerShare'>
type Judge = Pick<Scheme, 'arbiter' | 'arbiterFee'>

/** Who gets what of a slashed collateral, to the unit. Without a verdict the arbiter gets nothing. */
export function shareSlash(collateral: bigint, scheme: Shares & Judge, ruled = true) {
  const toArbiter = ruled ? arbiterPart(collateral, scheme) : 0n
  const rest = collateral - toArbiter
  const winner = winnerPart(scheme)
  const tasker = least(BigInt(scheme.taskerShare), BASIS - LEAST_BURNED - winner)
  const toWinner = (rest * winner) / BASIS
  const toTasker = (rest * tasker) / BASIS
  return { toArbiter, toTasker, toWinner, burned: rest - toWinner - toTasker }
}

/** The most that one wrong result can earn its provider: the pay of a largest job, and what a claim adds once. */
export function lieGain(
  terms: Pick<Terms, 'price' | 'jobFuel' | 'maxFuel' | 'fuel' | 'retainer' | 'claimFee'>,
): bigint {
  const { price, jobFuel, maxFuel, fuel, retainer, claimFee } = terms
  const largest = least(maxFuel + jobFuel, fuel)
  return amountOf(price, largest) + retainer + claimFee
}

export interface Lie {
  /** What one wrong result earns where nobody looks: `lieGain`, or more where the result moves other money. */
  gain: bigint
  scheme: Shares
}

/**
 * What a liar is sure to lose of its collateral. It may prove its own guilt by a puppet before a challenger does, and so
 * keep the winner's share.
 */
export function lostByLiar(collateral: bigint, scheme: Shares): bigint {
  return collateral - (collateral * winnerPart(scheme)) / BASIS
}

/** What a wrong result earns on average, rounded down: negative where lying is a loss. */
export function liarsProfit({
  gain,
  collateral,
  q,
  scheme,
}: Lie & { collateral: bigint; q: number }): bigint {
  const found = partsOf(q)
  const sum = gain * (ONE - found) - lostByLiar(collateral, scheme) * found
  return sum >= 0n ? sum / ONE : -ceilDiv(-sum, ONE)
}

/**
 * The least collateral with which a lie earns nothing on average: C · (1 − χ) ≥ g · (1 − q) / q, where χ is the
 * winner's share. It is enough for any number of lies in a lease, as long as results are chosen one by one.
 */
export function collateralFor({ gain, q, scheme }: Lie & { q: number }): bigint {
  const found = partsOf(q)
  if (found === 0n) throw new RangeError('No collateral deters where nothing is checked: q must be above 0.')
  // Rounded up twice: at most two units more than would do.
  const lost = ceilDiv(gain * (ONE - found), found)
  return ceilDiv(lost * BASIS, BASIS - winnerPart(scheme))
}

/** The least share of results to check, rounded up, with which this collateral makes a lie earn nothing. */
export function checkingRateFor({ gain, collateral, scheme }: Lie & { collateral: bigint }): number {
  const lost = lostByLiar(collateral, scheme)
  if (gain === 0n) return 0
  return Number(ceilDiv(gain * ONE, gain + lost)) / Number(ONE)
}

/** As much a gigafuel of the lease, which is what orders say. */
export function collateralRate(collateral: bigint, leaseFuel: bigint): bigint {
  return ceilDiv(collateral * GIGAFUEL, leaseFuel)
}

/** What somebody earns on average by checking one result. */
export function watcherProfit({
  collateral,
  scheme,
  wrong,
  rivals = 0,
  checking,
  playing,
}: {
  collateral: bigint
  scheme: Shares & Judge
  /** Share of results that are wrong. */
  wrong: number
  /** Others who check the same result: one of all has the reward, and all play. */
  rivals?: number
  /** What running a result again costs. */
  checking: bigint
  /** What the gas of a whole game costs: `challengerGas`. */
  playing: bigint
}): bigint {
  const reward = shareSlash(collateral, scheme).toWinner / BigInt(rivals + 1)
  return (partsOf(wrong) * (reward - playing)) / ONE - checking
}

/** The least collateral whose winner's share pays a challenger its gas. */
export function collateralForGas({ scheme, ...price }: GasPrice & { scheme: Shares & Judge }): bigint {
  const winner = winnerPart(scheme)
  if (winner === 0n) throw new RangeError('The scheme pays its winner nothing.')
  const fee = BigInt(scheme.arbiter) === 0n ? 0n : scheme.arbiterFee
  return ceilDiv(gasCost(price) * BASIS, winner) + fee
}

/** What a false challenge costs, where both sides' gas is bought at one base fee. */
export function falseChallenge({
  bond,
  nth = 1,
  scheme,
  defending,
  challenging,
  ...price
}: Omit<GasPrice, 'gas'> & {
  /** The lease's. */
  bond: bigint
  /** It is the nth that is open in the lease: so many bonds are at stake. */
  nth?: number
  scheme: Judge
  /** Gas of the provider, and of whoever challenges. */
  defending: bigint
  challenging: bigint
}) {
  const stake = bond * BigInt(nth)
  const { toProvider } = shareBond(stake, scheme)
  return {
    /** What the challenger is out of pocket. */
    challenger: stake + gasCost({ ...price, gas: challenging }),
    /** What the provider is; less than nothing where the bond leaves something for its trouble. */
    provider: gasCost({ ...price, gas: defending }) - toProvider,
  }
}

/** Bonds that so many open challenges of one lease lock in all: the kth costs k of them. */
export function bondsLocked(bond: bigint, challenges: number): bigint {
  const count = BigInt(challenges)
  return (bond * count * (count + 1n)) / 2n
}

/**
 * What is burned at least where a liar's friends take all places of a lease, so that nobody else can challenge, and lose
 * every game: a fifth of all their bonds.
 */
export function placesCost(bond: bigint, scheme: Judge): bigint {
  let burned = 0n
  for (let nth = 1n; nth <= MOST_DISPUTES; nth++) burned += shareBond(bond * nth, scheme).burned
  return burned
}

function winnerPart({ winnerShare }: Pick<Scheme, 'winnerShare'>): bigint {
  return least(BigInt(winnerShare), MOST_TO_WINNER)
}

/** Rounds down: what is checked less often than said deters less. */
function partsOf(rate: number): bigint {
  if (!(rate >= 0 && rate <= 1)) throw new RangeError(`A share lies between 0 and 1, not at ${rate}.`)
  return BigInt(Math.floor(rate * Number(ONE)))
}

const least = (a: bigint, b: bigint) => (a < b ? a : b)
