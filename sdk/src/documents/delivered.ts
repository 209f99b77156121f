import { signedDocument } from './signed.ts'
import { type DocumentOf, defineStruct } from './struct.ts'

export const deliveredStruct = defineStruct('Delivered', {
  ticket: 'bytes32', // struct hash of the Ticket
  output: 'bytes32',
})

/** A receipt that the output was delivered: by the tasker's key or by the store named in the terms. */
export type Delivered = DocumentOf<typeof deliveredStruct>

export const {
  hash: hashDelivered,
  digest: digestDelivered,
  sign: signDelivered,
  recover: recoverDelivered,
  verify: verifyDelivered,
} = signedDocument(deliveredStruct)
