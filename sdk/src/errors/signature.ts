import type { Hex } from 'viem'
import { MillraceError } from './error.ts'

/** The bytes are no signature at all; a good one by somebody else is a `BadSignatureError`. */
export class MalformedSignatureError extends MillraceError {
  override readonly name = 'MalformedSignatureError'

  constructor(facts: { hash: Hex; signature: Hex }) {
    super('The bytes are no signature: 65 bytes r, s, v with low s and v of 27 or 28 are expected.', {
      code: 'malformed-signature',
      retryable: false,
      remedy: 'Sign the document again and send the signature unchanged.',
      facts,
    })
  }
}
