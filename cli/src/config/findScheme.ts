import { getMarket, type MillraceClient, schemeLeaf } from '@millrace/sdk'
import { type Hex, zeroAddress } from 'viem'
import { CliError } from '../failures/CliError.ts'

/**
 * The leaf of one of the market's schemes: by its kind, `proof` or `arbiter`, or as it is.
 *
 * @throws {CliError} `bad-value` for one that the market does not have
 */
export async function findScheme(
  client: MillraceClient,
  wanted: string | undefined,
): Promise<Hex | undefined> {
  if (wanted === undefined) return undefined
  const { schemes, contracts } = await getMarket(client)
  const found = schemes.find((scheme) => {
    if (wanted === 'proof') return scheme.scheme === contracts.proofScheme
    if (wanted === 'arbiter') return scheme.arbiter !== zeroAddress
    return schemeLeaf(scheme) === wanted.toLowerCase()
  })
  if (found) return schemeLeaf(found)
  throw new CliError('bad-value', `The market has no scheme ${JSON.stringify(wanted)}.`, {
    remedy: `Write proof, arbiter, or one of ${schemes.map(schemeLeaf).join(', ')}.`,
  })
}
