import type { Hex } from 'viem'
import { jobStruct } from './job.ts'
import { signedDocument } from './signed.ts'
import { type DocumentOf, defineStruct } from './struct.ts'

export const ticketStruct = defineStruct('Ticket', {
  lease: 'bytes32',
  index: 'uint32',
  job: jobStruct,
})

/** One job within a lease. A job lease's only ticket (index 0) needs no signature. */
export type Ticket = DocumentOf<typeof ticketStruct>

const document = signedDocument(ticketStruct)
export const {
  digest: digestTicket,
  sign: signTicket,
  recover: recoverTicket,
  verify: verifyTicket,
} = document

/** A job's id, everywhere: the EIP-712 struct hash of its ticket. */
export function ticketHash(ticket: Ticket): Hex {
  return document.hash(ticket)
}
