/** What a market adds to an offer: its token, its fees, and those of its judges before whom a result can be defended. */
import { MACHINE_VERSION } from '@millrace/machine'
import { isProvable, type Market, type Scheme, schemeLeaf, schemesRoot } from '@millrace/sdk'
import type { Logger } from 'pino'
import type { Address } from 'viem'
import { BadConfigError } from '../config.ts'
import type { Offer, OfferPlace } from './ask.ts'
import { refuseLeaf, refuseTimes } from './limits.ts'

export interface PlaceDeps {
  readonly market: Market
  readonly account: Address
  readonly key: Address
  /** Without it, the market's first token. */
  readonly token: Address | undefined
  /** Those that may judge; without it, all of the market's before whom a result can be defended. */
  readonly schemes: readonly Scheme[] | undefined
  /** Base units that 10^18 wei are worth; without it, nothing is said about bonds. */
  readonly tokenPerEther: bigint | undefined
  /** Wei a unit of gas, now. */
  baseFee(): Promise<bigint>
  readonly log: Logger
}

/** @returns what the market adds to an offer now; throws {@link BadConfigError} where it could not be stood by */
export function createPlace(deps: PlaceDeps): (offer: Offer) => Promise<OfferPlace> {
  const { market, account, key, schemes: named, tokenPerEther, log } = deps
  const token = deps.token ?? market.tokens[0]?.address
  if (!token) throw new BadConfigError('`token` must be given: the market names none.')
  const candidates = named ?? market.schemes
  if (candidates.length === 0) throw new BadConfigError('`schemes` must be given: the market names none.')
  const { proofScheme } = market.contracts
  const { feeTo, makerFee, takerFee } = market.matcher
  const warned = new Set<string>()

  const accepted = async (maxFuel: bigint): Promise<Scheme[]> => {
    const gas = tokenPerEther === undefined ? undefined : { tokenPerEther, baseFee: await deps.baseFee() }
    const kept: Scheme[] = []
    const whys: string[] = []
    for (const scheme of candidates) {
      const why = refuseLeaf(scheme, { proofScheme, machineVersion: MACHINE_VERSION, maxFuel, gas })
      if (!why) {
        kept.push(scheme)
        continue
      }
      const leaf = schemeLeaf(scheme)
      if (named) throw new BadConfigError(`\`schemes\` names ${leaf}, but ${why}.`)
      whys.push(`${leaf}: ${why}`)
      if (!warned.has(leaf)) log.warn({ scheme: leaf, why }, 'a judge of this market is not accepted')
      warned.add(leaf)
    }
    if (kept.length > 0) return kept
    throw new BadConfigError(`\`schemes\` must be given: none of the market's will do (${whys.join('; ')}).`)
  }

  return async (offer) => {
    const schemes = await accepted(offer.maxFuel)
    const isProven = schemes.some((scheme) => isProvable(market, scheme))
    const why = isProven ? refuseTimes(offer) : undefined
    if (why) throw new BadConfigError(`\`maxFuel\` ${why}.`)
    return { account, key, token, schemes, schemesRoot: schemesRoot(schemes), feeTo, makerFee, takerFee }
  }
}
