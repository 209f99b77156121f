/**
 * Whether a ticket may be run: a pure decision over the ticket, the lease's terms, what the lease has taken
 * already and the provider's own limits. A refusal costs nothing; accepting what cannot be served does.
 */
import { MAX_FUEL } from '@millrace/machine'
import { type Domain, hashJob, leastDispute, type Terms, type Ticket, verifyTicket } from '@millrace/sdk'
import type { Hex } from 'viem'
import { isJobLease } from '../money/decide.ts'

export type DeclineReason =
  | 'bad-signature'
  | 'wrong-terms' // the ticket and the terms of its lease do not fit
  | 'lease-over'
  | 'too-late'
  | 'lease-full' // its fuel does not fit in what is left of the lease
  | 'index-taken'
  | 'too-much-fuel' // more than a run can count
  | 'clock' // a dispute of its lease is too short for its proof
  | 'output-too-large'
  | 'program-missing'
  | 'input-missing'
  | 'program-mismatch'
  | 'input-mismatch'
  | 'module-refused'
  | 'too-much-memory'
  | 'host-abort'
  | 'draining'

export interface Refusal {
  readonly reason: DeclineReason
  readonly detail: string
}

export interface TicketFacts {
  readonly ticket: Ticket
  readonly signature: Hex | undefined
  readonly terms: Terms
  /** Whether a dispute of this lease is decided by proof. */
  readonly provable: boolean
  readonly domain: Domain
  /** This side signed the end of the lease, or one of both stopped it. */
  readonly closing: boolean
  /** Another ticket stands in its place. */
  readonly taken: boolean
  /** Most fuel, flat fuel included, of the lease's other tickets: a signed ticket is a debt of its most. */
  readonly committed: bigint
  /** Most bytes of an encoded output that can be delivered to this lease. */
  readonly outputBytes: number
  /** Seconds that a run and its delivery need at least. */
  readonly leastTime: bigint
  readonly now: bigint
}

/** A claim's tree is at most 20 deep. */
const MAX_INDEX = 2 ** 20 - 1

/** Why not, or nothing. */
export function refuseTicket(facts: TicketFacts): Refusal | undefined {
  const { ticket, signature, terms, domain, now } = facts
  const { job, index } = ticket
  const single = isJobLease(terms)

  if (single) {
    if (index !== 0) return no('wrong-terms', `A job lease has one ticket, with index 0, not ${index}.`)
    if (hashJob(job) !== terms.job)
      return no('wrong-terms', 'The job is not the one that the lease was opened for.')
  } else {
    if (index > MAX_INDEX) return no('wrong-terms', `An index of ${index}; at most ${MAX_INDEX}.`)
    if (!signature || !verifyTicket(terms.taskerKey, domain, ticket, signature)) {
      return no('bad-signature', `The ticket is not signed by ${terms.taskerKey}.`)
    }
  }
  if (facts.taken) return no('index-taken', `The lease has another ticket with index ${index}.`)

  if (job.fuel > MAX_FUEL) return no('too-much-fuel', `${job.fuel} fuel; a run counts up to ${MAX_FUEL}.`)
  if (job.fuel > terms.maxFuel)
    return no('wrong-terms', `${job.fuel} fuel; the lease’s largest job has ${terms.maxFuel}.`)
  const late = facts.provable && refuseClock(job.fuel, terms)
  if (late) return late
  const left = terms.fuel - facts.committed
  if (job.fuel + terms.jobFuel > left) {
    return no(
      'lease-full',
      `${job.fuel + terms.jobFuel} fuel, flat fuel included; the lease has ${left} left.`,
    )
  }
  if (job.outputMax > facts.outputBytes) {
    return no(
      'output-too-large',
      `Up to ${job.outputMax} bytes of output; at most ${facts.outputBytes} can be delivered to this lease.`,
    )
  }
  if (facts.closing) return no('lease-over', 'The end of the lease is signed.')
  if (now >= terms.end) return no('lease-over', `The lease ended at ${terms.end}.`)
  const due = single ? terms.end : job.deadline
  if (now + facts.leastTime > due) return no('too-late', `Due at ${due}; it is ${now}.`)
  return undefined
}

/** Whether a proof fits the clock of a lease: as far as that can be said without the program's memory, or with it. */
export function refuseClock(fuel: bigint, { disputeLimit }: Terms, memoryPages = 0): Refusal | undefined {
  const least = leastDispute(fuel, memoryPages)
  if (disputeLimit >= least) return undefined
  const memory = memoryPages > 0 ? ` in ${memoryPages} pages of memory` : ''
  return no(
    'clock',
    `The proof of ${fuel} fuel${memory} takes a dispute limit of ${least} s; the lease’s is ${disputeLimit} s.`,
  )
}

function no(reason: DeclineReason, detail: string): Refusal {
  return { reason, detail }
}
