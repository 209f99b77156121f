import { getMarket, type MillraceClient, type Token } from '@millrace/sdk'
import { CliError } from '../failures/CliError.ts'

/**
 * A token of the market by its symbol or address; without either, the market's first.
 *
 * @throws {CliError} `bad-value` for one that it does not have
 */
export async function findToken(client: MillraceClient, wanted: string | undefined): Promise<Token> {
  const { tokens } = await getMarket(client)
  const found = wanted === undefined ? tokens[0] : tokens.find((token) => isNamed(token, wanted))
  if (found) return found
  throw new CliError('bad-value', `The market has no token ${JSON.stringify(wanted)}.`, {
    remedy: `It has ${tokens.map(({ symbol, address }) => `${symbol} (${address})`).join(', ')}.`,
  })
}

const isNamed = ({ symbol, address }: Token, wanted: string): boolean =>
  symbol === wanted || address.toLowerCase() === wanted.toLowerCase()
