/** The chain as the actions see it. */
import { createPublicClient, defineChain, http, type PublicClient, type Transport } from 'viem'
import type { Contracts, Market } from '../api/market.ts'
import { type Domain, documentDomain } from '../documents/domain.ts'
import { NoChainError, WrongChainError } from '../errors/client.ts'
import { type Cache, type MillraceClient, secondsOf } from './client.ts'
import { getMarket } from './getMarket.ts'

export interface Chain {
  readonly publicClient: PublicClient
  readonly transport: Transport
  readonly contracts: Contracts
  /** Of the signed documents. One object a market: its separator is hashed once. */
  readonly domain: Domain
}

/** The market's chain, checked to be that chain. Kept after the first time. */
export function getChain(client: MillraceClient): Promise<Chain> {
  const known = chains.get(client.cache)
  if (known) return known
  const chain = connect(client)
  chains.set(client.cache, chain)
  chain.catch(() => chains.delete(client.cache))
  return chain
}

/** The documents' domain, without asking a node. */
export async function getDomain(client: MillraceClient): Promise<Domain> {
  const market = await getMarket(client)
  const known = domains.get(market)
  if (known) return known
  const domain = documentDomain(market.chainId, market.contracts.leases)
  domains.set(market, domain)
  return domain
}

const chains = new WeakMap<Cache, Promise<Chain>>()
const domains = new WeakMap<Market, Domain>()

async function connect(client: MillraceClient): Promise<Chain> {
  const [market, domain] = await Promise.all([getMarket(client), getDomain(client)])
  const transport = client.transport ?? (market.rpcUrl ? http(market.rpcUrl) : undefined)
  if (!transport) throw new NoChainError()
  const chain = defineChain({
    id: market.chainId,
    name: 'Millrace',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: market.rpcUrl ? [market.rpcUrl] : [] } },
  })
  const publicClient = createPublicClient({ chain, transport, pollingInterval: client.pollingInterval })
  const actual = await publicClient.getChainId()
  if (actual !== market.chainId) throw new WrongChainError({ expected: market.chainId, actual })
  return { publicClient: publicClient as PublicClient, transport, contracts: market.contracts, domain }
}

/** Unix seconds that the next block has at least: an idle chain's last block may be old, a warped one's ahead. */
export async function getChainTime(client: MillraceClient): Promise<bigint> {
  const { publicClient } = await getChain(client)
  const { timestamp } = await publicClient.getBlock()
  const own = secondsOf(client)
  return timestamp > own ? timestamp : own
}
