/** Checks a result, and contests one that is wrong. */
import type { Program } from '@millrace/machine'
import { zeroHash } from 'viem'
import { type JobOutcome, verifyResult } from '../actions/verifyResult.ts'
import type { JobView } from '../api/job.ts'
import type { LeaseView } from '../api/lease.ts'
import type { MillraceClient } from '../client/client.ts'
import { hashJob } from '../documents/job.ts'
import type { Ticket } from '../documents/ticket.ts'
import { BadResultError, WrongResultError } from '../errors/client.ts'
import { contest } from './contest.ts'
import type { DepositPolicy } from './funding.ts'
import type { Tell } from './progress.ts'

export interface CheckParameters {
  job: JobView
  lease: Pick<LeaseView, 'id' | 'terms' | 'scheme'>
  /** What the job ran, where it is to be run again. */
  rerun?: { program: Program; input: Uint8Array }
  deposit: DepositPolicy
  tell: Tell
  signal?: AbortSignal
}

/** @throws {WrongResultError} with the case and how it ended, where running it again came out otherwise */
export async function checkJob(client: MillraceClient, parameters: CheckParameters): Promise<JobOutcome> {
  const { job, lease, rerun, tell, signal } = parameters
  const { providerKey } = lease.terms
  if (!isOf(job.ticket, lease))
    throw new BadResultError('belongs to another lease', { job: job.id, lease: lease.id })
  try {
    const outcome = await verifyResult(client, { job, providerKey, rerun, signal })
    tell('checked', {
      job: job.id,
      status: outcome.status,
      fuelUsed: outcome.fuelUsed,
      rerun: rerun !== undefined,
    })
    return outcome
  } catch (error) {
    // Only another run finds one wrong.
    if (!(error instanceof WrongResultError) || !rerun) throw error
    throw await contest(client, { ...parameters, rerun }, error)
  }
}

/** Whether a ticket is the lease's: a provider's good result for another one proves nothing. */
function isOf(ticket: Ticket, { id, terms }: CheckParameters['lease']): boolean {
  if (ticket.lease !== id) return false
  return terms.job === zeroHash || (ticket.index === 0 && hashJob(ticket.job) === terms.job)
}
