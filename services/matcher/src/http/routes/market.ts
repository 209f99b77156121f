import { MACHINE_VERSION } from '@millrace/machine'
import { marketSchema } from '@millrace/sdk/api'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { type Route, route } from '../route.ts'

export function marketRoutes(context: Context): Route[] {
  const { config, chainId, store } = context
  const { feeTo, makerFee, takerFee, blobBytes, inlineBytes, bodyBytes, tokens } = config
  return [
    route({
      method: 'get',
      path: '/v1/market',
      summary: 'Everything that a client must know before its first order',
      answers: { 200: marketSchema },
      async handle(_, response) {
        const market = z.encode(marketSchema, {
          chainId,
          rpcUrl: config.publicRpcUrl,
          contracts: config.contracts,
          matcher: { feeTo, makerFee, takerFee, store: store.address.toLowerCase() as `0x${string}` },
          tokens,
          schemes: config.schemes,
          limits: { blobBytes, inlineBytes, bodyBytes },
          machineVersion: MACHINE_VERSION,
          block: BigInt(context.head.number),
        })
        response.json(market)
      },
    }),
  ]
}
