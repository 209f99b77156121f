import { and, eq } from 'drizzle-orm'
import { zeroHash } from 'viem'
import type { BlobStore } from '../blobs/store.ts'
import { ticketStanding } from '../disputes/view.ts'
import { foldOf, type LeaseRow, type LogRow, leaseLogs } from '../leases/view.ts'
import { eventTypeOf } from '../ledger/types.ts'
import type { Database, Tx } from '../store/database.ts'
import { jobs, leases } from '../store/schema/index.ts'
import type { Moment, WireClose, WireJobView, WireResult, WireTerms, WireTicket } from '../store/wire.ts'
import { jobState } from './state.ts'

export type JobRow = typeof jobs.$inferSelect

/** Input and output as base64, where they are small enough to travel inside. */
export interface Inline {
  input?: string
  output?: string
}

/** A job as everybody sees it. Inline bytes are read by the caller, who may have them at hand. */
export async function jobView(
  db: Database | Tx,
  row: JobRow,
  lease: LeaseRow,
  inline: Inline = {},
): Promise<WireJobView> {
  const contested = lease.disputes > 0 || lease.state !== 'open'
  const standing = contested ? await ticketStanding(db, lease.id, row.index) : 'none'
  const alone = (lease.terms as WireTerms).job !== zeroHash
  const logs = alone ? await leaseLogs(db, lease.id) : []
  const close = lease.close as WireClose | null
  return {
    id: row.id as `0x${string}`,
    ticket: row.ticket as WireTicket,
    ticketSignature: (row.signature as `0x${string}`) ?? undefined,
    lease: row.lease as `0x${string}`,
    order: (row.order as `0x${string}`) ?? undefined,
    provider: row.provider as `0x${string}`,
    tasker: row.tasker as `0x${string}`,
    ...jobState(row, foldOf(lease), standing),
    input: inline.input,
    acceptance: row.acceptance ? { signature: row.acceptance as `0x${string}` } : undefined,
    result: row.result
      ? {
          result: row.result as WireResult,
          signature: row.resultSignature as `0x${string}`,
          output: inline.output,
          trap: row.trap ?? undefined,
        }
      : undefined,
    receipt: (row.receipt as `0x${string}`) ?? undefined,
    close: (close as WireJobView['close']) ?? undefined,
    timeline: timelineOf(row.moments as Moment[], logs),
  }
}

/** The same with small inputs and outputs read from the store. */
export async function wholeJobView(
  deps: { db: Database; blobs: BlobStore; config: { inlineBytes: number } },
  row: JobRow,
  lease: LeaseRow,
): Promise<WireJobView> {
  const most = deps.config.inlineBytes
  const output = row.result ? await deps.blobs.read((row.result as WireResult).output, most) : undefined
  return jobView(deps.db, row, lease, { output: output && Buffer.from(output).toString('base64') })
}

export async function findJob(
  db: Database | Tx,
  id: string,
): Promise<{ job: JobRow; lease: LeaseRow } | undefined> {
  const [found] = await db
    .select({ job: jobs, lease: leases })
    .from(jobs)
    .innerJoin(leases, eq(leases.id, jobs.lease))
    .where(and(eq(jobs.id, id)))
  return found
}

/** The job as it is written now: another request was faster. */
export async function currentView(
  deps: Parameters<typeof wholeJobView>[0],
  id: string,
): Promise<WireJobView> {
  const { job, lease } = (await findJob(deps.db, id))!
  return wholeJobView(deps, job, lease)
}

/** What happened to the lease of a single job happened to the job. */
const STATES: Record<string, WireJobView['state']> = {
  'lease.opened': 'queued',
  'lease.declined': 'declined',
  'lease.unclaimed': 'expired',
  'lease.closed': 'paid',
  'lease.final': 'paid',
  'lease.slashed': 'slashed',
  'dispute.opened': 'disputed',
}

/** States in the only order in which a job can go through them. */
const ORDER: readonly WireJobView['state'][] = [
  'queued',
  'dispatched',
  'accepted',
  'declined',
  'result',
  'disputed',
  'expired',
  'slashed',
  'paid',
]

function timelineOf(moments: readonly Moment[], logs: readonly LogRow[]): WireJobView['timeline'] {
  const onChain = logs.flatMap((log) => {
    const type = eventTypeOf(log)
    const state = type && STATES[type]
    const step = {
      // Not the block's time: a chain's clock may be seconds away from this one's, by which the moments are.
      at: log.seenAt.getTime(),
      tx: log.tx as `0x${string}`,
      gas: log.gasUsed.toString(),
      note: type,
    }
    return state ? [{ ...step, state }] : []
  })
  // Replicas have clocks of their own, and any may be set back: what can only have come later is later.
  const steps = [...onChain, ...moments].sort(
    (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.at - b.at,
  )
  let latest = 0
  return steps.map((step) => {
    latest = Math.max(latest, step.at)
    return { ...step, at: latest }
  })
}
