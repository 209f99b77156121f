import { eq } from 'drizzle-orm'
import type { Database } from '../store/database.ts'
import { jobs } from '../store/schema/index.ts'
import type { WireResult, WireTicket } from '../store/wire.ts'

/**
 * Fuel that the tickets of a lease can come to: each its most until its result says what it used, flat fuel
 * included. A lease takes no ticket that it could not pay. In memory, and summed from the rows when first asked.
 */
export class Debts {
  readonly #db: Database
  readonly #fuel = new Map<string, bigint>()

  constructor(db: Database) {
    this.#db = db
  }

  async of(lease: string, jobFuel: bigint): Promise<bigint> {
    const known = this.#fuel.get(lease)
    if (known !== undefined) return known
    const rows = await this.#db
      .select({ ticket: jobs.ticket, result: jobs.result })
      .from(jobs)
      .where(eq(jobs.lease, lease))
    const sum = rows.reduce((total, row) => total + jobFuel + fuelOf(row), 0n)
    // Another request may have summed and added meanwhile.
    const meanwhile = this.#fuel.get(lease)
    if (meanwhile === undefined) this.#fuel.set(lease, sum)
    return meanwhile ?? sum
  }

  add(lease: string, fuel: bigint): void {
    const known = this.#fuel.get(lease)
    if (known !== undefined) this.#fuel.set(lease, known + fuel)
  }

  forget(lease: string): void {
    this.#fuel.delete(lease)
  }
}

function fuelOf({ ticket, result }: { ticket: unknown; result: unknown }): bigint {
  return BigInt(result ? (result as WireResult).fuelUsed : (ticket as WireTicket).job.fuel)
}
