/** Fetches what a case stands on, and finds out for each piece whether it is what it should be. */
import { commit } from '@millrace/machine'
import {
  type ChainCase,
  type Domain,
  getDispute,
  getDomain,
  hashJob,
  type MillraceClient,
  ticketHash,
  verifyResultSignature,
  verifyTicket,
} from '@millrace/sdk'
import { type Hex, zeroHash } from 'viem'
import { fetchBlob } from './fetchBlob.ts'

export type Piece = 'program' | 'input' | 'output' | 'ticket' | 'ticket-signature' | 'result-signature'

/** One piece, and what was found. A program's root is derived where it is run, not here. */
export interface Finding {
  readonly piece: Piece
  /** missing: it could not be had · wrong: it is not what it should be · absent: this case has none. */
  readonly state: 'right' | 'fetched' | 'missing' | 'wrong' | 'absent'
  readonly detail: string
}

export interface Evidence {
  readonly findings: readonly Finding[]
  readonly program: Uint8Array | undefined
  readonly input: Uint8Array | undefined
  /** What the provider delivered, if it can be had: to be shown, not to be judged by. */
  readonly output: Uint8Array | undefined
}

/** Signatures over the ticket and the result, where the challenger showed them. */
interface Signatures {
  readonly ticket?: Hex
  readonly result?: Hex
}

export async function gatherEvidence(client: MillraceClient, found: ChainCase): Promise<Evidence> {
  const { job, result } = found
  const [program, input, output, view, domain] = await Promise.all([
    fetchBlob(client, job.programRoot),
    fetchBlob(client, job.input),
    fetchBlob(client, result.output),
    getDispute(client, { caseId: found.id }).catch(() => undefined),
    getDomain(client),
  ])
  const findings: Finding[] = [
    program instanceof Error
      ? { piece: 'program', state: 'missing', detail: program.message }
      : {
          piece: 'program',
          state: 'fetched',
          detail: `${program.length} bytes; the root is derived before it runs`,
        },
    checkData('input', input, job.input),
    checkData('output', output, result.output),
    ...checkPapers(found, view?.evidence?.signatures ?? {}, domain),
  ]
  return { findings, program: bytesOf(program), input: bytesOf(input), output: bytesOf(output) }
}

function checkData(piece: 'input' | 'output', bytes: Uint8Array | Error, root: Hex): Finding {
  if (bytes instanceof Error) return { piece, state: 'missing', detail: bytes.message }
  const actual = commit(bytes)
  return actual === root
    ? { piece, state: 'right', detail: `${bytes.length} bytes with the root ${root}` }
    : { piece, state: 'wrong', detail: `the bytes have the root ${actual}, not ${root}` }
}

/** Ticket, result and what they are signed by. The contracts checked all of this when the case opened. */
export function checkPapers(found: ChainCase, signatures: Signatures, domain: Domain): Finding[] {
  const { terms, job, result, lease, index } = found
  const ticket = { lease, index, job }
  const carriesJob = terms.job !== zeroHash
  const fits = ticketHash(ticket) === result.ticket && (!carriesJob || hashJob(job) === terms.job)
  return [
    {
      piece: 'ticket',
      state: fits ? 'right' : 'wrong',
      detail: fits
        ? `the result is for ticket ${index} of the lease`
        : 'ticket, job and result do not belong together',
    },
    carriesJob
      ? { piece: 'ticket-signature', state: 'absent', detail: 'the signed bid carries the job' }
      : signed('ticket-signature', signatures.ticket, terms.taskerKey, (signature) =>
          verifyTicket(terms.taskerKey, domain, ticket, signature),
        ),
    signed('result-signature', signatures.result, terms.providerKey, (signature) =>
      verifyResultSignature(terms.providerKey, domain, result, signature),
    ),
  ]
}

function signed(
  piece: Piece,
  signature: Hex | undefined,
  key: Hex,
  verify: (signature: Hex) => boolean,
): Finding {
  if (!signature)
    return { piece, state: 'absent', detail: 'not shown; the contracts saw it, or a claim’s leaf' }
  return verify(signature)
    ? { piece, state: 'right', detail: `by ${key}` }
    : { piece, state: 'wrong', detail: `not by ${key}` }
}

const bytesOf = (found: Uint8Array | Error) => (found instanceof Error ? undefined : found)
