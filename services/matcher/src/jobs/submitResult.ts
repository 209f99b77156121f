/** A provider's signed result with its output: kept, receipted by the store's key, and passed on. */
import { digestResult, hashResult, RESULT_STATUS, type Result, signDelivered } from '@millrace/sdk'
import { resultSchema, ticketSchema } from '@millrace/sdk/api'
import { and, eq, ne } from 'drizzle-orm'
import type { Hex } from 'viem'
import { z } from 'zod'
import type { WriteInline } from '../blobs/store.ts'
import type { Context } from '../context.ts'
import { notFound, RefusedError } from '../errors.ts'
import { type ClosePart, isComplete } from '../leases/mergeClose.ts'
import { checkClose, closeIntent, keepClose } from '../leases/submitClose.ts'
import { type LeaseRow, termsIn } from '../leases/view.ts'
import type { RefusalCode } from '../refusals.ts'
import { jobs, leases } from '../store/schema/index.ts'
import type { Moment, WireClose, WireJobView } from '../store/wire.ts'
import { checkSigned } from './sign.ts'
import { findJob, type JobRow, jobView, wholeJobView } from './view.ts'

interface Submission {
  result: Result
  signature: Hex
  output?: Uint8Array
  close?: { owed: bigint; until: bigint; signature: Hex }
  trap?: string
}

export async function submitResult(
  context: Context,
  id: Hex,
  { result, signature, output, close, trap }: Submission,
): Promise<WireJobView> {
  const found = await context.recent.job(id)
  if (!found) throw notFound('job', id)
  const { job, lease } = found
  const terms = termsIn(lease)
  const ticket = ticketSchema.parse(job.ticket)
  if (result.ticket !== id)
    throw wrong('wrong-ticket', 'The result is for another ticket.', { job: id, named: result.ticket })
  if (result.fuelUsed > ticket.job.fuel) {
    throw wrong('too-much-fuel', 'The result used more fuel than its ticket allows.', {
      fuelUsed: result.fuelUsed,
      fuel: ticket.job.fuel,
    })
  }
  checkSigned('result', terms.providerKey, digestResult(context.domain, result), signature)
  const part: ClosePart | undefined = close && { ...close, by: 'provider' }
  if (part) checkClose(context, lease, part)
  if (job.result) return repeated(context, job, lease, result)
  checkOutput(context, result, output, ticket.job.outputMax)

  const receipt = await signDelivered(context.store, context.domain, { ticket: id, output: result.output })
  const inline = inlineOutput(context, output)
  const saving = (write?: WriteInline) =>
    save(context, { job, lease, result, signature, receipt, part, trap, inline, write })
  const saved = await (output ? context.blobs.withInline(output, result.output, saving) : saving())
  if (!saved) return repeated(context, (await findJob(context.db, id))!.job, lease, result)
  context.debts.add(lease.id, result.fuelUsed - ticket.job.fuel)
  context.metrics.jobs.inc({ state: 'result' })
  context.recent.putJob(saved.row)
  if (saved.after) context.recent.putLease(saved.after)
  if (saved.complete) await context.queues.add('settlement', closeIntent(lease.id))
  return saved.view
}

/** The same result again is answered as the first time; another one is a lie about one of the two. */
function repeated(context: Context, job: JobRow, lease: LeaseRow, result: Result): Promise<WireJobView> {
  const before = resultSchema.parse(job.result)
  if (hashResult(before) === hashResult(result)) return wholeJobView(context, job, lease)
  throw new RefusedError(409, 'result-conflict', 'Another result was signed for this ticket.', {
    remedy: 'Run each ticket once: two different signed results cost the collateral.',
    facts: { first: job.result, second: z.encode(resultSchema, result) },
  })
}

/** The output is here, or comes with the result, and is no larger than it may be. */
function checkOutput(
  { config, blobs }: Context,
  result: Result,
  output: Uint8Array | undefined,
  outputMax: number,
): void {
  if (output && output.length > config.inlineBytes) {
    throw wrong('inline-too-large', 'An output as large as this is PUT as a blob first.', {
      size: output.length,
      limit: config.inlineBytes,
    })
  }
  const size = output?.length ?? blobs.get(result.output)?.size
  if (size === undefined) {
    throw new RefusedError(409, 'blob-missing', `The matcher has no data ${result.output}.`, {
      remedy: 'Send the output inline, or PUT it to /v1/blobs first.',
      retryable: true,
      facts: { missing: [{ kind: 'data', root: result.output }] },
    })
  }
  if (size > outputMax) {
    throw wrong('output-too-large', 'The output is larger than its ticket allows.', { size, outputMax })
  }
}

function inlineOutput({ config }: Context, output: Uint8Array | undefined) {
  const small = output && output.length <= config.inlineBytes
  return small ? { output: Buffer.from(output).toString('base64') } : {}
}

interface Saving {
  job: JobRow
  lease: LeaseRow
  result: Result
  signature: Hex
  receipt: Hex
  part: ClosePart | undefined
  trap: string | undefined
  inline: { output?: string }
  write: WriteInline | undefined
}

interface Saved {
  row: JobRow
  /** The lease, where the result came with a close. */
  after: LeaseRow | undefined
  view: WireJobView
  complete: boolean
}

/** Undefined where another result came first. */
function save(
  { committer }: Context,
  { job, lease, result, signature, receipt, part, trap, inline, write }: Saving,
): Promise<Saved | undefined> {
  const moments: Moment[] = [...(job.moments as Moment[]), { at: Date.now(), state: 'result' }]
  return committer.commit(async (tx, emit) => {
    await write?.(tx)
    const [row] = await tx
      .update(jobs)
      .set({
        state: 'result',
        result: z.encode(resultSchema, result),
        resultSignature: signature,
        receipt,
        trap: RESULT_STATUS[result.status] === 'trapped' ? trap : undefined,
        moments,
      })
      .where(and(eq(jobs.id, job.id), ne(jobs.state, 'result')))
      .returning()
    if (!row) return undefined
    let after = lease
    if (part) {
      await keepClose(tx, lease.id, part)
      ;[after] = (await tx.select().from(leases).where(eq(leases.id, lease.id))) as [LeaseRow]
    }
    const view = await jobView(tx, row, after, inline)
    const about = { order: job.order ?? undefined, lease: lease.id, job: job.id }
    emit({ type: 'job.result', accounts: [job.tasker, job.provider], ...about, data: view, transient: true })
    const isClosing = isComplete(after.close as WireClose | null)
    return { row, after: part && after, view, complete: isClosing }
  })
}

function wrong(code: RefusalCode, message: string, facts: Record<string, unknown>): RefusedError {
  return new RefusedError(422, code, message, {
    remedy: 'Send the result of this very ticket, as the machine gave it.',
    facts,
  })
}
