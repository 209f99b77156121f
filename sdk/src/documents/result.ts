import { signedDocument } from './signed.ts'
import { type DocumentOf, defineStruct } from './struct.ts'

export const resultStruct = defineStruct('Result', {
  ticket: 'bytes32', // struct hash of the Ticket
  status: 'uint8', // see `ResultStatus`
  fuelUsed: 'uint64', // flat fuel apart
  output: 'bytes32', // commitment to the output's bytes
})

/** The provider's word on what came out. Evidence that can cost its collateral. */
export type Result = DocumentOf<typeof resultStruct>

export const {
  hash: hashResult,
  digest: digestResult,
  sign: signResult,
  recover: recoverResult,
  // `verifyResult` is the action that checks all of a result, its output too.
  verify: verifyResultSignature,
} = signedDocument(resultStruct)

/** How a job ended. What depends on the host is never a result. */
export const RESULT_STATUS = ['exited', 'trapped', 'out-of-fuel', 'stack-exhausted', 'output-full'] as const
export type ResultStatus = (typeof RESULT_STATUS)[number]
