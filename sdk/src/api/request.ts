/** The headers of a signed request: `Request` of EIP-712 under the domain "Millrace Request". */
import * as z from 'zod'
import { address, bytes32, signature } from './scalar.ts'

/** A signed request is good for this long after `issuedAt`. */
export const REQUEST_LIFETIME_MS = 60_000

export const requestHeadersSchema = z
  .object({
    'millrace-key': address,
    /** Unix milliseconds. */
    'millrace-issued-at': z.string().regex(/^\d{1,15}$/),
    'millrace-nonce': bytes32,
    'millrace-signature': signature,
  })
  .meta({ id: 'RequestHeaders' })

export type RequestHeaders = z.output<typeof requestHeadersSchema>
