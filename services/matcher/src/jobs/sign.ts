import { verifyHash } from '@millrace/sdk'
import type { Address, Hex } from 'viem'
import { RefusedError } from '../errors.ts'

/** Lease documents are signed by the plain keys in the lease's terms, and by nobody else. */
export function checkSigned(what: string, key: Address, digest: Hex, signature: Hex): void {
  if (verifyHash(key, digest, signature)) return
  throw new RefusedError(401, 'bad-signature', `The ${what} is not signed by ${key}.`, {
    remedy: "Sign it with the key in the lease's terms.",
    facts: { what, key, digest },
  })
}
