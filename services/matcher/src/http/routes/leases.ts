import {
  address,
  bytes32,
  closeSubmissionSchema,
  jobViewSchema,
  leaseStateSchema,
  leasesPageSchema,
  leaseViewSchema,
  ticketSubmissionSchema,
  voucherSubmissionSchema,
} from '@millrace/sdk/api'
import { and, desc, eq, or } from 'drizzle-orm'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { notFound } from '../../errors.ts'
import { submitTicket } from '../../jobs/submitTicket.ts'
import { submitClose } from '../../leases/submitClose.ts'
import { submitVoucher } from '../../leases/submitVoucher.ts'
import { leaseView } from '../../leases/view.ts'
import { leases } from '../../store/schema/index.ts'
import { type Route, route } from '../route.ts'

const byId = z.object({ id: bytes32 })
const MOST_LISTED = 100

export function leaseRoutes(context: Context): Route[] {
  const { db } = context
  return [
    route({
      method: 'get',
      path: '/v1/leases',
      summary: 'Leases of an account, newest first',
      query: z.object({ account: address.optional(), state: leaseStateSchema.optional() }),
      answers: { 200: leasesPageSchema },
      async handle({ query: { account, state } }, response) {
        const rows = await db
          .select()
          .from(leases)
          .where(
            and(
              account && or(eq(leases.tasker, account), eq(leases.provider, account)),
              state && eq(leases.state, state),
            ),
          )
          .orderBy(desc(leases.openedBlock))
          .limit(MOST_LISTED)
        response.json({ leases: await Promise.all(rows.map((row) => leaseView(db, row))) })
      },
    }),
    route({
      method: 'get',
      path: '/v1/leases/{id}',
      summary: 'A lease: its terms, where it stands, its deadlines and transactions',
      params: byId,
      answers: { 200: leaseViewSchema },
      async handle({ params }, response) {
        const [row] = await db.select().from(leases).where(eq(leases.id, params.id))
        if (!row) throw notFound('lease', params.id)
        response.json(await leaseView(db, row))
      },
    }),
    route({
      method: 'post',
      path: '/v1/leases/{id}/tickets',
      summary: 'Hands a signed ticket to the provider of a lease',
      params: byId,
      body: ticketSubmissionSchema,
      answers: { 202: jobViewSchema },
      async handle({ params, body }, response) {
        response.status(202).json(await submitTicket(context, params.id, body))
      },
    }),
    route({
      method: 'post',
      path: '/v1/leases/{id}/voucher',
      summary: "The tasker's word on what it owes so far",
      params: byId,
      body: voucherSubmissionSchema,
      answers: { 200: leaseViewSchema },
      async handle({ params, body }, response) {
        response.json(await submitVoucher(context, params.id, body))
      },
    }),
    route({
      method: 'post',
      path: '/v1/leases/{id}/close',
      summary: "One side's word on the end of a lease. With both, it is settled on chain",
      params: byId,
      body: closeSubmissionSchema,
      answers: { 202: leaseViewSchema },
      async handle({ params, body }, response) {
        response.status(202).json(await submitClose(context, params.id, body))
      },
    }),
  ]
}
