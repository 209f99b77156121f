import { address, bytes32 } from '@millrace/sdk/api'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { RefusedError } from '../../errors.ts'
import { type Route, route } from '../route.ts'
import { streamEvents } from '../stream.ts'

export function eventRoutes(context: Context): Route[] {
  return [
    route({
      method: 'get',
      path: '/v1/events',
      summary: 'What happens, as server-sent events; Last-Event-ID replays what came after it',
      query: z.object({
        account: address.optional(),
        order: bytes32.optional(),
        lease: bytes32.optional(),
        job: bytes32.optional(),
        /** Separated by commas. */
        types: z
          .string()
          .regex(/^[a-z.]+(,[a-z.]+)*$/)
          .transform((text) => text.split(','))
          .optional(),
      }),
      answers: { 200: 'text/event-stream: each event is an Event in JSON.' },
      async handle({ query, raw }, response) {
        if (Object.values(query).every((value) => value === undefined)) {
          throw new RefusedError(
            400,
            'invalid-request',
            'Events are about an account, order, lease or job, or of some types.',
            {
              remedy: 'Name at least one of them in the query.',
            },
          )
        }
        await streamEvents(context, raw, response, query)
      },
    }),
  ]
}
