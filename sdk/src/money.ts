/** The one formatter of amounts, and its parser. */
import { formatUnits, parseUnits } from 'viem'
import type { Token } from './api/market.ts'
import { MillraceError } from './errors/error.ts'

export type Unit = Pick<Token, 'decimals' | 'symbol'>

/** Base units as people read them, exact and with the unit: `0.0123 TEST`. Never in e-notation. */
export function formatAmount(amount: bigint, token: Unit): string {
  return `${formatUnits(amount, token.decimals)} ${token.symbol}`
}

/**
 * The base units in `0.0123 TEST` or `0.0123`.
 *
 * @throws {BadAmountError} for another unit, a sign, an exponent, or more digits than the token has
 */
export function parseAmount(text: string, token: Unit): bigint {
  const [, digits, fraction = '', symbol] = /^\s*(\d+(?:\.(\d+))?)(?:\s+(\S+))?\s*$/.exec(text) ?? []
  const fits = digits !== undefined && fraction.length <= token.decimals
  if (!fits || (symbol !== undefined && symbol !== token.symbol)) throw new BadAmountError({ text, token })
  return parseUnits(digits, token.decimals)
}

export class BadAmountError extends MillraceError {
  override readonly name = 'BadAmountError'

  constructor({ text, token }: { text: string; token: Unit }) {
    super(`${JSON.stringify(text)} is no amount of ${token.symbol}.`, {
      code: 'bad-amount',
      retryable: false,
      remedy: `Write digits with at most ${token.decimals} after the point, such as "1.5 ${token.symbol}".`,
      facts: { text, symbol: token.symbol, decimals: token.decimals },
    })
  }
}
