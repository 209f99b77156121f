/** Requests that change something and are not themselves a signed document carry a signature of their own. */
import { requestDomain, verifyRequest } from '@millrace/sdk'
import { REQUEST_LIFETIME_MS, requestHeadersSchema } from '@millrace/sdk/api'
import { lt } from 'drizzle-orm'
import type { Request } from 'express'
import type { Address, Hex } from 'viem'
import type { Context } from '../context.ts'
import { RefusedError } from '../errors.ts'
import { requestNonces } from '../store/schema/index.ts'

/** Clocks of honest clients differ by less. */
const SKEW_MS = 5_000

export interface SignedRequest {
  key: Address
  /** Checks the signature over the body's hash and uses the nonce up. Once. */
  confirm(bodyHash: Hex): Promise<void>
}

/** Reads the headers; what must be known of the body to check them comes with `confirm`. */
export function readSigned(context: Context, request: Request, nowMs = Date.now()): SignedRequest {
  const headers = requestHeadersSchema.parse(request.headers)
  const key = headers['millrace-key']
  const issuedAt = Number(headers['millrace-issued-at'])
  if (issuedAt > nowMs + SKEW_MS || issuedAt <= nowMs - REQUEST_LIFETIME_MS) {
    throw new RefusedError(401, 'request-stale', 'A signed request is good for one minute.', {
      remedy: "Sign it again with the present time; if it is, correct this machine's clock.",
      retryable: true,
      facts: { issuedAt, now: nowMs, lifetimeMs: REQUEST_LIFETIME_MS },
    })
  }
  const nonce = headers['millrace-nonce']
  const confirm = async (body: Hex) => {
    const document = {
      method: request.method,
      path: request.originalUrl,
      body,
      issuedAt: BigInt(issuedAt),
      nonce,
    }
    const domain = requestDomain(context.chainId, context.contracts.leases)
    if (!verifyRequest(key, domain, document, headers['millrace-signature'])) {
      throw new RefusedError(401, 'bad-signature', `The request is not signed by ${key}.`, {
        remedy:
          'Sign method, path with its query, and the hash of the body, under the domain "Millrace Request".',
        facts: { key, method: document.method, path: document.path },
      })
    }
    await useNonce(context, key, nonce, issuedAt + REQUEST_LIFETIME_MS, nowMs)
  }
  return { key, confirm }
}

async function useNonce(
  { committer }: Context,
  key: string,
  nonce: string,
  expiresAt: number,
  nowMs: number,
): Promise<void> {
  const isNew = await committer.commit(async (tx) => {
    await tx.delete(requestNonces).where(lt(requestNonces.expiresAt, nowMs - SKEW_MS))
    const rows = await tx
      .insert(requestNonces)
      .values({ key, nonce, expiresAt })
      .onConflictDoNothing()
      .returning({ nonce: requestNonces.nonce })
    return rows.length > 0
  })
  if (isNew) return
  throw new RefusedError(409, 'nonce-used', 'This very request was sent before.', {
    remedy: 'Sign a new request with a nonce of its own.',
    facts: { key, nonce },
  })
}
