import { eq } from 'drizzle-orm'
import type { BidDocument } from '../orders/document.ts'
import type { Database } from '../store/database.ts'
import { jobs, leases, orders } from '../store/schema/index.ts'
import type { WireResult, WireTicket } from '../store/wire.ts'

/** Roots that must stay: of jobs in leases that are not over, where a dispute may ask for them, and of open bids. */
export async function neededBlobs(db: Database): Promise<Set<string>> {
  const live = await db
    .select({ ticket: jobs.ticket, result: jobs.result })
    .from(jobs)
    .innerJoin(leases, eq(leases.id, jobs.lease))
    .where(eq(leases.over, false))
  const open = await db.select({ document: orders.document }).from(orders).where(eq(orders.status, 'open'))
  const needed = new Set<string>()
  for (const { ticket, result } of live) {
    const { programRoot, input } = (ticket as WireTicket).job
    needed.add(programRoot).add(input)
    if (result) needed.add((result as WireResult).output)
  }
  for (const { document } of open) {
    const { job } = document as BidDocument
    if (job) needed.add(job.programRoot).add(job.input)
  }
  return needed
}
