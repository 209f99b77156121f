/** A ticket within an open lease: work for its provider, acknowledged once it is on disk. */
import { digestTicket, type Terms, type Ticket, ticketHash } from '@millrace/sdk'
import { ticketSchema } from '@millrace/sdk/api'
import { and, eq } from 'drizzle-orm'
import { type Hex, zeroHash } from 'viem'
import { z } from 'zod'
import type { WriteInline } from '../blobs/store.ts'
import type { Context } from '../context.ts'
import { notFound, RefusedError } from '../errors.ts'
import { isConfirmed } from '../leases/confirmed.ts'
import { type LeaseRow, termsIn } from '../leases/view.ts'
import { checkBlobs } from '../orders/accept.ts'
import type { RefusalCode } from '../refusals.ts'
import { jobs } from '../store/schema/index.ts'
import type { Moment, WireJobView } from '../store/wire.ts'
import type { Debts } from './debt.ts'
import { checkSigned } from './sign.ts'
import { jobView, wholeJobView } from './view.ts'

interface Submission {
  ticket: Ticket
  signature: Hex
  input?: Uint8Array
}

export async function submitTicket(
  context: Context,
  leaseId: Hex,
  { ticket, signature, input }: Submission,
): Promise<WireJobView> {
  const { domain, recent } = context
  const id = ticketHash(ticket)
  const lease = await recent.lease(leaseId)
  if (!lease) throw notFound('lease', leaseId)
  const terms = termsIn(lease)
  checkFits(context, ticket, lease, terms)
  checkSigned('ticket', terms.taskerKey, digestTicket(domain, ticket), signature)
  await checkDebt(context.debts, ticket, terms)

  const inline = input && { input: Buffer.from(input).toString('base64') }
  const save = (write?: WriteInline) => {
    checkBlobs(context, ticket.job)
    return insert(context, { id, ticket, signature, lease, terms, inline, write })
  }
  const view = await (input ? context.blobs.withInline(input, ticket.job.input, save) : save())
  if (view) {
    context.debts.add(lease.id, ticket.job.fuel + terms.jobFuel)
    context.metrics.jobs.inc({ state: 'queued' })
    return view
  }
  const known = await recent.job(id)
  if (known) return wholeJobView(context, known.job, known.lease)
  throw await conflict(context, ticket)
}

function checkFits(context: Context, ticket: Ticket, lease: LeaseRow, terms: Terms): void {
  const refuse = (status: number, code: RefusalCode, message: string, retryable = false) =>
    new RefusedError(status, code, message, {
      remedy: retryable
        ? 'Send it again in a moment.'
        : 'Sign a ticket that the lease allows, or open another lease.',
      retryable,
      facts: { lease: lease.id, state: lease.state, end: terms.end, maxFuel: terms.maxFuel },
    })
  const now = context.clock.now()
  if (ticket.lease !== lease.id) throw refuse(422, 'wrong-lease', 'The ticket names another lease.')
  if (terms.job !== zeroHash) throw refuse(409, 'job-lease', 'This lease is for the job in its bid alone.')
  if (lease.state !== 'open' || now >= terms.end)
    throw refuse(409, 'lease-not-open', 'The lease takes no more tickets.')
  if (ticket.job.fuel > terms.maxFuel)
    throw refuse(422, 'job-too-large', 'The lease allows no job as large as this.')
  if (ticket.job.deadline <= now) throw refuse(422, 'deadline-past', "The job's deadline is past.")
  if (!isConfirmed(context, lease.openedBlock, terms)) {
    throw refuse(409, 'lease-not-confirmed', 'The opening of the lease lies not deep enough yet.', true)
  }
}

async function checkDebt(debts: Debts, { lease, job }: Ticket, { fuel, jobFuel }: Terms): Promise<void> {
  const owed = await debts.of(lease, jobFuel)
  const wanted = job.fuel + jobFuel
  if (owed + wanted <= fuel) return
  throw new RefusedError(
    409,
    'lease-exhausted',
    `Of the lease's fuel ${fuel - owed} is left, and ${wanted} is wanted.`,
    {
      remedy: 'Wait for results that used less than their most, or open another lease.',
      retryable: true,
      facts: { fuel, spoken: owed, wanted },
    },
  )
}

interface NewJob {
  id: Hex
  ticket: Ticket
  signature: Hex
  lease: LeaseRow
  terms: Terms
  inline: { input: string } | undefined
  write: WriteInline | undefined
}

/** Undefined where there is a job of this id or index already. */
async function insert(
  context: Context,
  { id, ticket, signature, lease, terms, inline, write }: NewJob,
): Promise<WireJobView | undefined> {
  const { tasker, provider } = terms
  const state = context.hub.hears(provider) ? ('dispatched' as const) : ('queued' as const)
  const moments: Moment[] = [{ at: Date.now(), state }]
  const values = {
    id,
    lease: lease.id,
    index: ticket.index,
    order: lease.bid,
    tasker,
    provider,
    signature,
    state,
    moments,
  }
  const saved = await context.committer.commit(async (tx, emit) => {
    await write?.(tx)
    const [row] = await tx
      .insert(jobs)
      .values({ ...values, ticket: z.encode(ticketSchema, ticket), createdAt: new Date() })
      .onConflictDoNothing()
      .returning()
    if (!row) return undefined
    const data = await jobView(tx, row, lease, inline)
    const about = { order: lease.bid, lease: lease.id, job: id }
    emit({ type: 'job.queued', accounts: [tasker, provider], ...about, data, transient: true })
    return { row, data }
  })
  if (saved) context.recent.putJob(saved.row)
  return saved?.data
}

async function conflict({ db }: Context, { lease, index }: Ticket): Promise<RefusedError> {
  const [other] = await db
    .select({ id: jobs.id })
    .from(jobs)
    .where(and(eq(jobs.lease, lease), eq(jobs.index, index)))
  return new RefusedError(409, 'ticket-conflict', `Index ${index} of the lease is another ticket's.`, {
    remedy: 'Give the ticket an index that was not used.',
    facts: { lease, index, other: other?.id },
  })
}
