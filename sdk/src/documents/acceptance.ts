import { signedDocument } from './signed.ts'
import { type DocumentOf, defineStruct } from './struct.ts'

export const acceptanceStruct = defineStruct('Acceptance', {
  ticket: 'bytes32', // struct hash of the Ticket
})

/** The provider's word that it fetched program and input, found their roots right, and will run them. */
export type Acceptance = DocumentOf<typeof acceptanceStruct>

export const {
  hash: hashAcceptance,
  digest: digestAcceptance,
  sign: signAcceptance,
  recover: recoverAcceptance,
  verify: verifyAcceptance,
} = signedDocument(acceptanceStruct)
