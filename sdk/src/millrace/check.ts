/** Checks a result, and contests one that is wrong. */
import type { Program } from '@millrace/machine'
import { type Hex, zeroHash } from 'viem'
import { challenge } from '../actions/transactions.ts'
import { type JobOutcome, verifyResult } from '../actions/verifyResult.ts'
import type { JobView } from '../api/job.ts'
import type { LeaseView } from '../api/lease.ts'
import { getDomain } from '../client/chain.ts'
import { accountOf, keyOf, type MillraceClient } from '../client/client.ts'
import { hashJob } from '../documents/job.ts'
import type { Terms } from '../documents/terms.ts'
import { signTicket, type Ticket } from '../documents/ticket.ts'
import { BadResultError, WrongResultError } from '../errors/client.ts'
import { type DepositPolicy, ensureFunds } from './funding.ts'
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

/** @throws {WrongResultError} with the case that was opened, where running it again came out otherwise */
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
    if (!(error instanceof WrongResultError)) throw error
    throw await contest(client, parameters, error)
  }
}

/** Whether a ticket is the lease's: a provider's good result for another one proves nothing. */
function isOf(ticket: Ticket, { id, terms }: CheckParameters['lease']): boolean {
  if (ticket.lease !== id) return false
  return terms.job === zeroHash || (ticket.index === 0 && hashJob(ticket.job) === terms.job)
}

/** Puts the bond up and opens the case. */
async function contest(
  client: MillraceClient,
  { job, lease: { terms, scheme }, deposit, tell }: CheckParameters,
  wrong: WrongResultError,
): Promise<WrongResultError> {
  await ensureFunds(client, { token: terms.token, needed: terms.bond, policy: deposit })
  const { result, signature } = job.result!
  const evidence = {
    ticket: job.ticket,
    ticketSignature: await signatureOf(client, job.ticket, terms),
    result,
    resultSignature: signature,
  }
  const { caseId, bond, ruleBy, hash, receipt } = await challenge(client, { terms, scheme, evidence })
  const challenger = accountOf(client, 'challenge').address
  tell('challenged', { job: job.id, caseId, bond, ruleBy, challenger }, { tx: hash, gas: receipt.gasUsed })
  return new WrongResultError({ ...wrong.facts, caseId } as ConstructorParameters<typeof WrongResultError>[0])
}

/** A job lease's ticket needs none. Any other is signed again: the same document has the same signature. */
async function signatureOf(client: MillraceClient, ticket: Ticket, terms: Terms): Promise<Hex> {
  if (terms.job !== zeroHash) return '0x'
  return signTicket(keyOf(client, 'challenge'), await getDomain(client), ticket)
}
