/**
 * Jobs and leases as they were last read or written: each step of a job would otherwise read them again. What
 * is here only saves a read: every write states in SQL what must hold.
 */
import { eq } from 'drizzle-orm'
import type { Database } from './database.ts'
import { jobs, leases } from './schema/index.ts'
import type { WireLeaseView } from './wire.ts'

type Job = typeof jobs.$inferSelect
type Lease = typeof leases.$inferSelect

/** Rows of each kind; a row has about 3 KB. */
const MOST = 4_096

export class Recent {
  readonly #db: Database
  readonly #jobs = new Map<string, Job>()
  readonly #leases = new Map<string, Lease>()
  readonly #views = new Map<string, WireLeaseView>()
  /** Counts writes: what was read before one is not kept after it. */
  #writes = 0

  constructor(db: Database) {
    this.#db = db
  }

  async lease(id: string): Promise<Lease | undefined> {
    const known = this.#leases.get(id)
    if (known) return known
    const writes = this.#writes
    const [row] = await this.#db.select().from(leases).where(eq(leases.id, id))
    if (row && writes === this.#writes) keep(this.#leases, id, row)
    return row
  }

  async job(id: string): Promise<{ job: Job; lease: Lease } | undefined> {
    const writes = this.#writes
    let job = this.#jobs.get(id)
    if (!job) {
      ;[job] = await this.#db.select().from(jobs).where(eq(jobs.id, id))
      if (job && writes === this.#writes) keep(this.#jobs, id, job)
    }
    const lease = job && (await this.lease(job.lease))
    return job && lease && { job, lease }
  }

  /** The view of a lease without its voucher, which changes more often than all else of it. */
  async view(id: string, make: () => Promise<WireLeaseView>): Promise<WireLeaseView> {
    const known = this.#views.get(id)
    if (known) return known
    const writes = this.#writes
    const view = await make()
    if (writes === this.#writes) keep(this.#views, id, view)
    return view
  }

  putJob(row: Job): void {
    this.#writes++
    keep(this.#jobs, row.id, row)
  }

  putLease(row: Lease): void {
    this.#writes++
    keep(this.#leases, row.id, row)
  }

  /** The chain said something, or took something back. */
  clear(): void {
    this.#writes++
    for (const rows of [this.#jobs, this.#leases, this.#views]) rows.clear()
  }
}

function keep<T>(rows: Map<string, T>, id: string, row: T): void {
  rows.delete(id)
  rows.set(id, row)
  // The oldest first: a map keeps the order of insertion.
  if (rows.size > MOST) rows.delete(rows.keys().next().value!)
}
