import { type Market, marketSchema } from '../api/market.ts'
import { requestJson } from '../http/request.ts'
import type { MillraceClient } from './client.ts'

/** What a client must know of the market. Kept after the first time; `fresh` asks again. */
export function getMarket(client: MillraceClient, { fresh = false } = {}): Promise<Market> {
  if (fresh) client.cache.market = undefined
  client.cache.market ??= requestJson(client, '/v1/market', marketSchema).catch((error) => {
    client.cache.market = undefined
    throw error
  })
  return client.cache.market
}
