import { signedDocument } from './signed.ts'
import { type DocumentOf, defineStruct } from './struct.ts'

export const requestStruct = defineStruct('Request', {
  method: 'string',
  path: 'string', // with its query
  body: 'bytes32', // keccak-256 of the raw body
  issuedAt: 'uint64', // unix milliseconds; good for one minute
  nonce: 'bytes32',
})

/** A signed HTTP request, for what is not itself a signed document. Its domain is `requestDomain`. */
export type Request = DocumentOf<typeof requestStruct>

export const {
  hash: hashRequest,
  digest: digestRequest,
  sign: signRequest,
  recover: recoverRequest,
  verify: verifyRequest,
} = signedDocument(requestStruct)
