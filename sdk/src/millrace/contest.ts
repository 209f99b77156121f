/** Contests a result that is wrong, and proves it where the lease's scheme takes proofs. */

import type { Program } from '@millrace/machine'
import { type Hex, zeroHash } from 'viem'
import { readLease } from '../actions/confirmLease.ts'
import { challenge } from '../actions/transactions.ts'
import type { JobView } from '../api/job.ts'
import type { LeaseView } from '../api/lease.ts'
import { getChainTime, getDomain } from '../client/chain.ts'
import { accountOf, keyOf, type MillraceClient } from '../client/client.ts'
import { delay } from '../client/delay.ts'
import { getMarket } from '../client/getMarket.ts'
import type { Terms } from '../documents/terms.ts'
import { signTicket, type Ticket } from '../documents/ticket.ts'
import { type WrongResult, WrongResultError } from '../errors/client.ts'
import { UnprovableError } from '../errors/proof.ts'
import { cameOut, computationOf } from '../proof/computation.ts'
import { isProvable } from '../proof/leaf.ts'
import { localTracer } from '../proof/localTracer.ts'
import { playGame } from '../proof/playGame.ts'
import type { Tracer } from '../proof/tracer.ts'
import { type DepositPolicy, ensureFunds } from './funding.ts'
import type { Tell } from './progress.ts'

export interface ContestParameters {
  job: JobView
  lease: Pick<LeaseView, 'id' | 'terms' | 'scheme'>
  /** What the job ran. */
  rerun: { program: Program; input: Uint8Array }
  deposit: DepositPolicy
  tell: Tell
  signal?: AbortSignal
}

/** Puts the bond up, opens the case, and sees it through as far as that is this side's to do. */
export async function contest(
  client: MillraceClient,
  parameters: ContestParameters,
  wrong: WrongResultError,
): Promise<WrongResultError> {
  const facts = wrong.facts as unknown as WrongResult
  if (!isProvable(await getMarket(client), parameters.lease.scheme)) {
    return new WrongResultError({ ...facts, caseId: await openCase(client, parameters) })
  }
  const { job, rerun, signal } = parameters
  const { fuel, outputMax } = job.ticket.job
  const tracer = await (client.tracer ?? localTracer)({ ...rerun, fuel, outputMax, signal })
  let caseId: Hex | undefined
  try {
    // Before the bond is put up: what the step machine cannot run here, or finds right, this client cannot prove wrong.
    const contested = computationOf(job.ticket.job, job.result!.result)
    if (cameOut(await tracer.ending(), contested)) throw new UnprovableError({ job: job.id })
    if (await isProvenByOther(client, parameters))
      return new WrongResultError({ ...facts, verdict: 'guilty' })
    caseId = await openCase(client, parameters)
    return new WrongResultError({ ...facts, caseId, ...(await prove(client, caseId, tracer, parameters)) })
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof UnprovableError) throw error
    return new WrongResultError({ ...facts, ...(caseId && { caseId }) }, error)
  } finally {
    await tracer.close()
  }
}

/**
 * Waits for the case that somebody else opened over the lease: one verdict ends it, and a second bond would bring nothing.
 * For half a window at most: if whoever was first means to lose, there is time for a case of one's own.
 *
 * @returns whether the lease was slashed
 */
async function isProvenByOther(
  client: MillraceClient,
  { job, lease: { id, terms }, tell, signal }: ContestParameters,
): Promise<boolean> {
  const until = (await getChainTime(client)) + terms.window / 2n
  for (let told = false; ; told = true) {
    const { status, disputes } = await readLease(client, { lease: id })
    if (status === 'slashed') return true
    // A lease that was claimed may have less of its window left.
    if (status !== 'open' || disputes === 0 || (await getChainTime(client)) >= until) return false
    if (!told) tell('contested', { job: job.id, lease: id, disputes, until })
    await delay(client.pollingInterval, signal)
  }
}

async function openCase(
  client: MillraceClient,
  { job, lease, deposit, tell }: ContestParameters,
): Promise<Hex> {
  const { terms, scheme } = lease
  // The more cases are open in a lease, the dearer is the next.
  const { disputes } = await readLease(client, { lease: lease.id })
  const needed = terms.bond * (1n + BigInt(disputes))
  await ensureFunds(client, { token: terms.token, needed, policy: deposit })
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
  return caseId
}

async function prove(
  client: MillraceClient,
  caseId: Hex,
  tracer: Tracer,
  { job, lease: { terms, scheme }, tell, signal }: ContestParameters,
): Promise<Pick<WrongResult, 'verdict' | 'proven' | 'step'>> {
  const { verdict, proven, step, settled } = await playGame(client, {
    ...{ caseId, side: 'challenger', tracer, signal },
    known: { terms, scheme, job: job.ticket.job, result: job.result!.result },
    onMove: ({ by, kind, level, sender, tx, gas }) =>
      tell('moved', { job: job.id, caseId, by, kind, level, sender }, { tx, gas }),
  })
  tell('ruled', { job: job.id, caseId, verdict, proven, step }, settled)
  return { verdict, proven, ...(step !== undefined && { step }) }
}

/** A job lease's ticket needs none. Any other is signed again: the same document has the same signature. */
async function signatureOf(client: MillraceClient, ticket: Ticket, terms: Terms): Promise<Hex> {
  if (terms.job !== zeroHash) return '0x'
  return signTicket(keyOf(client, 'challenge'), await getDomain(client), ticket)
}
