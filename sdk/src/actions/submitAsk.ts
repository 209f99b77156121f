import * as z from 'zod'
import { type AskView, askSubmissionSchema, orderViewSchema } from '../api/order.ts'
import { getDomain } from '../client/chain.ts'
import { accountOf, type MillraceClient } from '../client/client.ts'
import { type Ask, signAsk } from '../documents/ask.ts'
import type { Scheme } from '../documents/scheme.ts'
import { post } from '../http/request.ts'

/** Signs an ask and puts it in the book. The same ask again answers as the first time. */
export async function submitAsk(
  client: MillraceClient,
  { ask, schemes, signal }: { ask: Ask; schemes: Scheme[]; signal?: AbortSignal },
): Promise<AskView> {
  const signature = await signAsk(accountOf(client, 'submitAsk'), await getDomain(client), ask)
  const body = JSON.stringify(z.encode(askSubmissionSchema, { ask, signature, schemes }))
  return (await post(client, '/v1/asks', body, orderViewSchema, signal)) as AskView
}
