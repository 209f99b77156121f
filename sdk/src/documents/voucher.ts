import { signedDocument } from './signed.ts'
import { type DocumentOf, defineStruct } from './struct.ts'

export const voucherStruct = defineStruct('Voucher', {
  lease: 'bytes32',
  owed: 'uint96', // in all for the lease so far, fees apart
})

/** The tasker's word on what it owes in all for a lease. */
export type Voucher = DocumentOf<typeof voucherStruct>

export const {
  hash: hashVoucher,
  digest: digestVoucher,
  sign: signVoucher,
  recover: recoverVoucher,
  verify: verifyVoucher,
} = signedDocument(voucherStruct)
