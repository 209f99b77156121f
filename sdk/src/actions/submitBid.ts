import * as z from 'zod'
import { type BidView, bidSubmissionSchema, orderViewSchema } from '../api/order.ts'
import { getDomain } from '../client/chain.ts'
import { accountOf, type MillraceClient } from '../client/client.ts'
import { getMarket } from '../client/getMarket.ts'
import { type Bid, signBid } from '../documents/bid.ts'
import type { Job } from '../documents/job.ts'
import type { Scheme } from '../documents/scheme.ts'
import { post } from '../http/request.ts'
import { checkProvable } from '../proof/leaf.ts'

/**
 * Signs a bid and puts it in the book, with the job that it carries, if any.
 *
 * @throws {OtherMachineError} {@link LimitsExceedClockError} where a dispute over its jobs could not be proven
 */
export async function submitBid(
  client: MillraceClient,
  { bid, scheme, job, signal }: { bid: Bid; scheme: Scheme; job?: Job; signal?: AbortSignal },
): Promise<BidView> {
  checkProvable(await getMarket(client), scheme, bid)
  const signature = await signBid(accountOf(client, 'submitBid'), await getDomain(client), bid)
  const body = JSON.stringify(z.encode(bidSubmissionSchema, { bid, signature, scheme, job }))
  return (await post(client, '/v1/bids', body, orderViewSchema, signal)) as BidView
}
