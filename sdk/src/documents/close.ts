import { signedDocument } from './signed.ts'
import { type DocumentOf, defineStruct } from './struct.ts'

export const closeStruct = defineStruct('Close', {
  lease: 'bytes32',
  owed: 'uint96', // in all for the lease, fees apart
  until: 'uint40', // unix seconds: the signature is good before this time
})

/** Both keys' word that the lease is over, with nothing more owed than this. */
export type Close = DocumentOf<typeof closeStruct>

export const {
  hash: hashClose,
  digest: digestClose,
  sign: signClose,
  recover: recoverClose,
  verify: verifyClose,
} = signedDocument(closeStruct)
