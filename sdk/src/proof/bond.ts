/**
 * What a game costs its parties in gas, and the bond that pays it back. Fees are wei a unit of gas; `tokenPerEther` is
 * what 10^18 wei are worth in base units of the lease's token.
 */
import { BASIS, ceilDiv } from '../documents/money.ts'
import type { Scheme } from '../documents/scheme.ts'
import { levelOf } from './split.ts'

const ETHER = 10n ** 18n

/** Of a forfeited bond, basis points: the provider has the rest. `Slash.sol`. */
const BURNED_OF_BOND = 2_000n

/** So far the base fee may rise between signing and a dispute. It can rise by an eighth a block. */
export const SURGE = 8n

/** The most gas that each transaction of a game takes: `npm run -s bench -- dispute` holds them against receipts. */
export const GAME_GAS = {
  challenge: 200_000n,
  /** A defence or a split. */
  move: 80_000n,
  /** A proof of the dearest instruction over full trees. */
  prove: 200_000n,
  timeout: 65_000n,
  settle: 125_000n,
} as const

/**
 * The most gas that one game costs an honest provider, of a job that may use so much fuel. It makes the first move and
 * every second one after it, ends the game, and settles. Where the challenger posted the single steps, the clock that
 * runs is the provider's own: it ends the game by a proof, which costs more than calling the other's time, and more
 * than a move less saves.
 */
export function defenderGas(fuel: bigint): bigint {
  const { move, prove, settle } = GAME_GAS
  return BigInt(Math.floor(levelOf(fuel) / 2)) * move + prove + settle
}

/** The most gas that one game costs an honest challenger, from opening the case to settling it. */
export function challengerGas(fuel: bigint): bigint {
  const { challenge, move, prove, settle } = GAME_GAS
  return challenge + BigInt(Math.floor(levelOf(fuel) / 2)) * move + prove + settle
}

/** What so much gas costs, in base units of the token. Rounds up. */
export function gasCost({ gas, baseFee, tokenPerEther }: GasPrice): bigint {
  return ceilDiv(gas * baseFee * tokenPerEther, ETHER)
}

export interface GasPrice {
  gas: bigint
  /** Wei. */
  baseFee: bigint
  tokenPerEther: bigint
}

/** Whom a forfeited bond pays, as the lease book shares it out. Without a scheme, nobody asks a fee. */
export function shareBond(bond: bigint, scheme?: Pick<Scheme, 'arbiter' | 'arbiterFee'>) {
  const toArbiter = scheme ? arbiterPart(bond, scheme) : 0n
  const rest = bond - toArbiter
  const toProvider = (rest * (BASIS - BURNED_OF_BOND)) / BASIS
  return { toArbiter, toProvider, burned: rest - toProvider }
}

/** What a scheme's arbiter takes of a pot: nothing where there is none. */
export function arbiterPart(
  pot: bigint,
  { arbiter, arbiterFee }: Pick<Scheme, 'arbiter' | 'arbiterFee'>,
): bigint {
  if (BigInt(arbiter) === 0n) return 0n
  return arbiterFee < pot ? arbiterFee : pot
}

/** The least bond whose forfeit pays the provider for so much gas, at `surge` times the base fee. */
export function bondFor({ surge = SURGE, ...price }: GasPrice & { surge?: bigint }): bigint {
  const cost = gasCost({ ...price, baseFee: price.baseFee * surge })
  return ceilDiv(cost * BASIS, BASIS - BURNED_OF_BOND)
}

/** What a forfeited bond pays the provider to what the gas costs it: at 1 it loses nothing. */
export function bondCover({ bond, scheme, ...price }: GasPrice & CoveredBond): number {
  return Number(shareBond(bond, scheme).toProvider) / Number(gasCost(price))
}

/** The highest base fee, in wei, at which a forfeited bond still pays for so much gas. */
export function coveredBaseFee({
  bond,
  scheme,
  gas,
  tokenPerEther,
}: Omit<GasPrice, 'baseFee'> & CoveredBond): bigint {
  return (shareBond(bond, scheme).toProvider * ETHER) / (gas * tokenPerEther)
}

interface CoveredBond {
  bond: bigint
  scheme?: Pick<Scheme, 'arbiter' | 'arbiterFee'>
}
