/**
 * Whether what the matcher shows of a result would stand before the contracts: a challenge with papers that they refuse
 * costs its gas, and a matcher could have every watcher pay it.
 */
import {
  checkResult,
  type Domain,
  hashJob,
  type JobView,
  type LeaseView,
  leaseIdOf,
  schemeLeaf,
  verifyTicket,
} from '@millrace/sdk'
import { zeroHash } from 'viem'
import type { Papers } from './journal/journal.ts'

export type CheckedPapers = Omit<Papers, 'size'>

/** What the matcher shows does not fit together. */
export class BadPapersError extends Error {
  override readonly name = 'BadPapersError'
  readonly code = 'bad-papers'
  readonly retryable = false
}

/** @throws {BadPapersError} */
export function checkPapers(domain: Domain, job: JobView, lease: LeaseView): CheckedPapers {
  const { ticket, ticketSignature = '0x' } = job
  const { terms, scheme } = lease
  const carriesJob = terms.job !== zeroHash
  const wrong =
    leaseIdOf(terms) !== job.lease || ticket.lease !== job.lease
      ? 'the terms are not those of its lease'
      : schemeLeaf(scheme) !== terms.scheme
        ? 'the scheme is not the one in the terms'
        : carriesJob
          ? ticket.index !== 0 || hashJob(ticket.job) !== terms.job
            ? 'the job is not the one that the lease was opened for'
            : undefined
          : !verifyTicket(terms.taskerKey, domain, ticket, ticketSignature)
            ? 'the ticket is not signed by the tasker'
            : undefined
  if (wrong) throw new BadPapersError(wrong)
  const result = resultOf(domain, job, lease)
  const resultSignature = job.result!.signature
  const evidence = {
    ticket,
    ticketSignature: carriesJob ? '0x' : ticketSignature,
    result,
    resultSignature,
  } as const
  return { terms, scheme, evidence }
}

function resultOf(domain: Domain, job: JobView, { terms }: LeaseView) {
  try {
    return checkResult(domain, job, terms.providerKey)
  } catch (error) {
    throw new BadPapersError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
