import {
  address,
  bytes32,
  disputeStateSchema,
  disputesPageSchema,
  disputeViewSchema,
} from '@millrace/sdk/api'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { listDisputes } from '../../disputes/listDisputes.ts'
import { disputeView } from '../../disputes/view.ts'
import { notFound } from '../../errors.ts'
import { type Route, route } from '../route.ts'

export function disputeRoutes({ db }: Context): Route[] {
  return [
    route({
      method: 'get',
      path: '/v1/disputes',
      summary: 'Disputes, newest first',
      query: z.object({ arbiter: address.optional(), state: disputeStateSchema.optional() }),
      answers: { 200: disputesPageSchema },
      async handle({ query }, response) {
        response.json({ disputes: await listDisputes(db, query) })
      },
    }),
    route({
      method: 'get',
      path: '/v1/disputes/{caseId}',
      summary: 'A dispute with its evidence and its verdict',
      params: z.object({ caseId: bytes32 }),
      answers: { 200: disputeViewSchema },
      async handle({ params }, response) {
        const view = await disputeView(db, params.caseId)
        if (!view) throw notFound('dispute', params.caseId)
        response.json(view)
      },
    }),
  ]
}
