/** Leases as the matcher sees them, and what is signed inside them. */
import type { Address, Hex } from 'viem'
import * as z from 'zod'
import {
  closeSubmissionSchema,
  type LeaseState,
  type LeaseView,
  leasesPageSchema,
  leaseViewSchema,
  voucherSubmissionSchema,
} from '../api/lease.ts'
import { getDomain } from '../client/chain.ts'
import { keyOf, type MillraceClient } from '../client/client.ts'
import { signClose } from '../documents/close.ts'
import { signVoucher } from '../documents/voucher.ts'
import { post, requestJson } from '../http/request.ts'

export function getLease(
  client: MillraceClient,
  { lease, signal }: { lease: Hex; signal?: AbortSignal },
): Promise<LeaseView> {
  return requestJson(client, `/v1/leases/${lease}`, leaseViewSchema, { signal })
}

/** Newest first. */
export async function listLeases(
  client: MillraceClient,
  { account, state, signal }: { account?: Address; state?: LeaseState; signal?: AbortSignal } = {},
): Promise<LeaseView[]> {
  const query = new URLSearchParams({ ...(account && { account }), ...(state && { state }) })
  return (await requestJson(client, `/v1/leases?${query}`, leasesPageSchema, { signal })).leases
}

/** Signs what is owed in all for a lease so far, by the tasker, and hands it over. */
export async function submitVoucher(
  client: MillraceClient,
  { lease, owed, signal }: { lease: Hex; owed: bigint; signal?: AbortSignal },
): Promise<LeaseView> {
  const signature = await signVoucher(keyOf(client, 'submitVoucher'), await getDomain(client), {
    lease,
    owed,
  })
  const body = JSON.stringify(z.encode(voucherSubmissionSchema, { owed, signature }))
  return post(client, `/v1/leases/${lease}/voucher`, body, leaseViewSchema, signal)
}

export interface SubmitCloseParameters {
  lease: Hex
  owed: bigint
  /** Unix seconds: the signature is good before this time. */
  until: bigint
  by: 'tasker' | 'provider'
  signal?: AbortSignal
}

/** Signs that a lease is over. When both sides have, the matcher settles on chain. */
export async function submitClose(
  client: MillraceClient,
  { lease, owed, until, by, signal }: SubmitCloseParameters,
): Promise<LeaseView> {
  const signature = await signClose(keyOf(client, 'submitClose'), await getDomain(client), {
    lease,
    owed,
    until,
  })
  const body = JSON.stringify(z.encode(closeSubmissionSchema, { owed, until, signature, by }))
  return post(client, `/v1/leases/${lease}/close`, body, leaseViewSchema, signal)
}
