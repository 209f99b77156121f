/**
 * The agent's memory. What it holds is what the agent said or is about to say: a result is written here, on the
 * disk, before it is signed, and what is signed is what stands here. So a restart can repeat a signature, but
 * never give a second, different one.
 */

import type { Tamper } from '@millrace/machine/steps'
import { type Result, type Terms, type Ticket, workSeconds } from '@millrace/sdk'
import type { Hex } from 'viem'
import { openDatabase, writing } from './open.ts'
import { freeze, thaw } from './values.ts'

/** taken: it may have been accepted · ran: it has a result · declined: it never will. */
export type JobState = 'taken' | 'ran' | 'declined'

/** A job as the agent knows it. */
export interface JobRow {
  readonly id: Hex
  readonly lease: Hex
  readonly index: number
  readonly ticket: Ticket
  /** The tasker's; a job lease's only ticket needs none. */
  readonly signature?: Hex
  readonly state: JobState
  readonly reason?: string
  /** More about why it was declined, or why the program trapped. */
  readonly detail?: string
  /** The matcher knows of the state. */
  readonly told: boolean
}

/** A lease as the agent knows it; the chain knows better, and is asked. */
export interface LeaseRow {
  readonly id: Hex
  readonly terms: Terms
  /** What the best voucher says is owed in all. */
  readonly owed: bigint
  readonly voucher?: Hex
  /** The end that the tasker offered last. */
  readonly offer?: CloseTerms
  /** This side signed an end: no ticket is taken any more. */
  readonly closing: boolean
  /** Indexes of the tickets in the claim that was sent, if one was. */
  readonly claim?: readonly number[]
}

/** What a close is signed over, its lease apart. */
export interface CloseTerms {
  readonly owed: bigint
  /** Unix seconds. */
  readonly until: bigint
}

/** A result, and what it earns. */
export interface EarnedResult {
  readonly index: number
  readonly ticket: Ticket
  readonly signature?: Hex
  readonly result: Result
  readonly amount: bigint
}

/** Sums over the jobs of one lease. */
export interface LeaseTally {
  /** Base units. */
  readonly earned: bigint
  readonly results: number
  readonly running: number
  readonly declined: number
  /** Used by results, and the most of what runs; flat fuel apart. */
  readonly fuel: bigint
}

/** `over` of a lease between 0, live, and 1, forgotten. */
const RESTING = 2

type Tally = { -readonly [K in keyof LeaseTally]: LeaseTally[K] }

export type Journal = ReturnType<typeof openJournal>

interface JobRecord {
  ticket: Hex
  lease: Hex
  at: number
  body: string
  signature: Hex | null
  state: JobState
  reason: string | null
  detail: string | null
  told: number
}

interface LeaseRecord {
  id: Hex
  terms: string
  owed: string
  voucher: Hex | null
  offer: string | null
  closing: number
  claim: string | null
}

interface ResultRecord {
  ticket: Hex
  status: number
  fuel: string
  output: Hex
  amount: string
}

/** A run that may have to be made again to defend its result. */
export interface Proof {
  readonly fuel: bigint
  /** Most memory of its program. */
  readonly pages: number
}

/** The proofs of a lease's results. */
export interface Proofs {
  /** Of a processor, for all of them. */
  readonly seconds: number
  /** The one that takes longest. */
  readonly largest: Proof
}

/** How a run went, which is not signed. */
export interface RunNotes {
  /** On how the job ended. */
  readonly detail?: string
  /** Where a development liar altered it. */
  readonly tamper?: Tamper
  /** Most memory of the program. */
  readonly pages?: number
}

function withProof(all: Proofs | undefined, proof: Proof): Proofs {
  const seconds = workSeconds(proof.fuel, proof.pages)
  if (!all) return { seconds, largest: proof }
  const most = workSeconds(all.largest.fuel, all.largest.pages)
  return { seconds: all.seconds + seconds, largest: seconds > most ? proof : all.largest }
}

/** Opens the journal in `folder`. */
export function openJournal(folder: string) {
  const database = openDatabase(folder)
  const statements = new Map<string, ReturnType<typeof database.prepare>>()
  const statementOf = (text: string) => {
    const statement = statements.get(text) ?? database.prepare(text)
    statements.set(text, statement)
    return statement
  }
  const sql = (text: string) => {
    const statement = statementOf(text)
    return {
      run: (...values: (string | number | null | Uint8Array)[]) =>
        writing(folder, () => statement.run(...values)),
    }
  }
  const one = <T>(text: string, ...values: (string | number | null)[]) =>
    statementOf(text).get(...values) as T | undefined
  const many = <T>(text: string, ...values: (string | number | null)[]) =>
    statementOf(text).all(...values) as unknown as T[]

  /**
   * A write that survives the process but perhaps not a power cut, until the next one that does: for what can be
   * asked for again. It spares the disk's time, of which there is a bound each second.
   */
  const lazily = (write: () => void) => {
    database.exec('PRAGMA synchronous = NORMAL')
    try {
      write()
    } finally {
      database.exec('PRAGMA synchronous = FULL')
    }
  }

  const noteOf = (key: string): string | undefined =>
    one<{ value: string }>('SELECT value FROM meta WHERE key = ?', key)?.value
  const setNote = (key: string, value: string) =>
    void sql('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value').run(
      key,
      value,
    )

  const resultOf = (ticket: Hex): Result | undefined => {
    const row = one<ResultRecord>('SELECT * FROM results WHERE ticket = ?', ticket)
    return row && toResult(row)
  }

  const keepsBlob = (root: Hex, lease: Hex): boolean =>
    one('SELECT 1 FROM blob_uses WHERE root = ? AND lease = ?', root, lease) !== undefined

  /** Sums are kept as jobs come and end: a lease may have a million of them. */
  const tallies = new Map<Hex, Tally>()
  const tallyOf = (lease: Hex): Tally => {
    const known = tallies.get(lease)
    if (known) return known
    const tally: Tally = { earned: 0n, results: 0, running: 0, declined: 0, fuel: 0n }
    const rows = many<{ amount: string | null; fuel: string | null; state: JobState; body: string }>(
      'SELECT amount, fuel, state, body FROM jobs LEFT JOIN results USING (ticket) WHERE lease = ?',
      lease,
    )
    for (const row of rows) {
      if (row.amount !== null) {
        tally.results++
        tally.earned += BigInt(row.amount)
        tally.fuel += BigInt(row.fuel!)
      } else if (row.state === 'taken') {
        tally.running++
        tally.fuel += thaw<Ticket>(row.body).job.fuel
      } else tally.declined++
    }
    tallies.set(lease, tally)
    return tally
  }

  /** What the proofs of a lease's results come to: kept as results come. */
  const proofs = new Map<Hex, Proofs>()
  const proofsOf = (lease: Hex): Proofs | undefined => {
    const known = proofs.get(lease)
    if (known) return known
    const rows = many<{ fuel: string; pages: number }>(
      'SELECT fuel, pages FROM results JOIN jobs USING (ticket) WHERE lease = ?',
      lease,
    )
    let all: Proofs | undefined
    for (const { fuel, pages } of rows) all = withProof(all, { fuel: BigInt(fuel), pages })
    if (all) proofs.set(lease, all)
    return all
  }

  return {
    /** A small fact by name, such as the ask that was signed last. */
    note: noteOf,
    setNote,
    /** The last event that was handled: those after it come again at the next start. */
    lastEvent: (): string | undefined => noteOf('event'),
    setLastEvent: (id: string): void => lazily(() => setNote('event', id)),

    addLease: (id: Hex, terms: Terms): void => {
      sql('INSERT OR IGNORE INTO leases (id, terms) VALUES (?, ?)').run(id, freeze(terms))
    },
    lease: (id: Hex): LeaseRow | undefined => {
      const row = one<LeaseRecord>('SELECT * FROM leases WHERE id = ?', id)
      return row && toLease(row)
    },
    liveLeases: (): LeaseRow[] =>
      many<LeaseRecord>('SELECT * FROM leases WHERE over = 0 ORDER BY rowid').map(toLease),
    /** Keeps the voucher if it is worth more than the one before. */
    addVoucher: (id: Hex, owed: bigint, signature: Hex): void => {
      const known = one<LeaseRecord>('SELECT * FROM leases WHERE id = ?', id)
      if (!known || BigInt(known.owed) >= owed) return
      // The matcher keeps it too, and shows it at the next start.
      const update = sql('UPDATE leases SET owed = ?, voucher = ? WHERE id = ?')
      lazily(() => update.run(owed.toString(), signature, id))
    },
    setOffer: (id: Hex, offer: CloseTerms): void => {
      sql('UPDATE leases SET offer = ? WHERE id = ?').run(freeze(offer), id)
    },
    /** Written before a close is signed: what is run later would not be paid. */
    setClosing: (id: Hex): void => {
      sql('UPDATE leases SET closing = 1 WHERE id = ?').run(id)
    },
    /** Written before a claim is sent: whoever answers a demand builds the same tree again. */
    setClaim: (id: Hex, indexes: readonly number[]): void => {
      sql('UPDATE leases SET claim = ? WHERE id = ?').run(JSON.stringify(indexes), id)
    },
    /** Ended, as far as the newest block says: nothing is to be done, and nothing is forgotten yet. */
    restLease: (id: Hex): void => {
      tallies.delete(id)
      proofs.delete(id)
      sql(`UPDATE leases SET over = ${RESTING} WHERE id = ?`).run(id)
    },
    restingLeases: (): LeaseRow[] =>
      many<LeaseRecord>(`SELECT * FROM leases WHERE over = ${RESTING} ORDER BY rowid`).map(toLease),
    /** The chain took the end back. */
    wakeLease: (id: Hex): void => {
      sql(`UPDATE leases SET over = 0 WHERE id = ? AND over = ${RESTING}`).run(id)
    },
    /** Forgets the bytes of a lease that is over: nobody can contest its results. What was signed stays. */
    endLease: (id: Hex): void => {
      tallies.delete(id)
      proofs.delete(id)
      sql('UPDATE leases SET over = 1 WHERE id = ?').run(id)
      sql('DELETE FROM blob_uses WHERE lease = ?').run(id)
      sql('DELETE FROM blobs WHERE root NOT IN (SELECT root FROM blob_uses)').run()
      sql('UPDATE jobs SET told = 1 WHERE lease = ?').run(id)
      sql(
        `DELETE FROM outputs WHERE root IN (SELECT output FROM results JOIN jobs USING (ticket) WHERE lease = ?)
         AND root NOT IN (SELECT output FROM results JOIN jobs USING (ticket) JOIN leases ON id = lease WHERE over = 0)`,
      ).run(id)
    },

    addJob: (id: Hex, ticket: Ticket, signature: Hex | undefined): void => {
      const insert = sql(
        `INSERT OR IGNORE INTO jobs (ticket, lease, at, body, signature, state) VALUES (?, ?, ?, ?, ?, 'taken')`,
      )
      const tally = tallyOf(ticket.lease)
      lazily(() => {
        const added = insert.run(id, ticket.lease, ticket.index, freeze(ticket), signature ?? null)
        if (added.changes === 0) return
        tally.running++
        tally.fuel += ticket.job.fuel
      })
    },
    job: (id: Hex): JobRow | undefined => {
      const row = one<JobRecord>('SELECT * FROM jobs WHERE ticket = ?', id)
      return row && toJob(row)
    },
    /** The ticket that holds a place in a lease: a second one for it is the tasker's mistake or trick. */
    jobAt: (lease: Hex, index: number): JobRow | undefined => {
      const row = one<JobRecord>('SELECT * FROM jobs WHERE lease = ? AND at = ?', lease, index)
      return row && toJob(row)
    },
    /** Jobs that the matcher has yet to hear the end of. */
    pendingJobs: (): JobRow[] =>
      many<JobRecord>('SELECT * FROM jobs WHERE told = 0 ORDER BY rowid').map(toJob),
    decline: (id: Hex, reason: string, detail: string): void => {
      const row = one<JobRecord>('SELECT * FROM jobs WHERE ticket = ?', id)
      if (row?.state !== 'taken') return
      const tally = tallyOf(row.lease)
      sql(`UPDATE jobs SET state = 'declined', reason = ?, detail = ? WHERE ticket = ?`).run(
        reason,
        detail,
        id,
      )
      tally.running--
      tally.declined++
      tally.fuel -= thaw<Ticket>(row.body).job.fuel
    },
    declineReason: (lease: Hex): string | undefined =>
      one<{ reason: string }>(
        `SELECT reason FROM jobs WHERE lease = ? AND state = 'declined' ORDER BY rowid DESC`,
        lease,
      )?.reason,
    /** The matcher knows of a job's end, or has forgotten it. */
    setTold: (id: Hex, told: boolean): void => {
      const update = sql('UPDATE jobs SET told = ? WHERE ticket = ?')
      lazily(() => update.run(told ? 1 : 0, id))
    },

    /**
     * Keeps a program or an input until the lease is over, to defend its results with. The next write that survives
     * a power cut makes this one do so too: a result is signed after one.
     *
     * @throws {DiskFullError} nothing may be signed then that needs these bytes
     */
    keepBlob: (root: Hex, lease: Hex, bytes: Uint8Array): void => {
      if (keepsBlob(root, lease)) return
      const insert = sql('INSERT OR IGNORE INTO blobs VALUES (?, ?)')
      const use = sql('INSERT OR IGNORE INTO blob_uses VALUES (?, ?)')
      lazily(() => {
        insert.run(root, bytes)
        use.run(root, lease)
      })
    },
    keepsBlob,
    blob: (root: Hex): Uint8Array | undefined =>
      one<{ bytes: Uint8Array }>('SELECT bytes FROM blobs WHERE root = ?', root)?.bytes,

    keepReceipt: (ticket: Hex, signature: Hex): void => {
      const insert = sql('INSERT OR IGNORE INTO receipts (ticket, signature) VALUES (?, ?)')
      lazily(() => insert.run(ticket, signature))
    },

    receipt: (ticket: Hex): Hex | undefined =>
      one<{ signature: Hex }>('SELECT signature FROM receipts WHERE ticket = ?', ticket)?.signature,

    /**
     * Writes the result of a job, once: where one stands already, that one comes back, whatever is offered. What
     * comes back, and nothing else, may be signed.
     */
    settleResult: (result: Result, bytes: Uint8Array, amount: bigint, how: RunNotes = {}): Result => {
      const { ticket, status, fuelUsed, output } = result
      const row = one<JobRecord>('SELECT * FROM jobs WHERE ticket = ?', ticket)!
      const tally = tallyOf(row.lease)
      let isNew = false
      database.exec('BEGIN IMMEDIATE')
      try {
        const { detail, tamper, pages = 0 } = how
        const added = sql('INSERT OR IGNORE INTO results VALUES (?, ?, ?, ?, ?, ?, ?)').run(
          ...[ticket, status, fuelUsed.toString(), output, amount.toString()],
          ...[tamper ? freeze(tamper) : null, pages],
        )
        isNew = added.changes === 1
        if (isNew) {
          sql('INSERT OR IGNORE INTO outputs VALUES (?, ?)').run(output, bytes)
          sql(`UPDATE jobs SET state = 'ran', detail = ? WHERE ticket = ?`).run(detail ?? null, ticket)
        }
        writing(folder, () => database.exec('COMMIT'))
      } catch (error) {
        // A full disk may have ended the transaction already.
        if (database.isTransaction) database.exec('ROLLBACK')
        throw error
      }
      if (isNew) {
        tally.running--
        tally.results++
        tally.earned += amount
        tally.fuel += fuelUsed - thaw<Ticket>(row.body).job.fuel
        const known = proofs.get(row.lease)
        if (known) proofs.set(row.lease, withProof(known, { fuel: fuelUsed, pages: how.pages ?? 0 }))
      }
      return resultOf(result.ticket)!
    },
    result: resultOf,
    /** What it would take to prove all results of a lease. */
    proofs: proofsOf,
    /** How the run of a development liar's result was altered, if it was. */
    tamper: (ticket: Hex): Tamper | undefined => {
      const row = one<{ tamper: string | null }>('SELECT tamper FROM results WHERE ticket = ?', ticket)
      return row?.tamper ? thaw<Tamper>(row.tamper) : undefined
    },
    output: (root: Hex): Uint8Array | undefined =>
      one<{ bytes: Uint8Array }>('SELECT bytes FROM outputs WHERE root = ?', root)?.bytes,
    /** All results of a lease, by index. */
    results: (lease: Hex): EarnedResult[] =>
      many<ResultRecord & JobRecord>(
        'SELECT * FROM results JOIN jobs USING (ticket) WHERE lease = ? ORDER BY at',
        lease,
      ).map((row) => ({
        index: row.at,
        ticket: thaw<Ticket>(row.body),
        ...(row.signature ? { signature: row.signature } : {}),
        result: toResult(row),
        amount: BigInt(row.amount),
      })),
    /** What a lease has come to: what its results earn, and the fuel that its tickets hold. */
    tally: (lease: Hex): LeaseTally => ({ ...tallyOf(lease) }),

    close: (): void => database.close(),
  }
}

function toResult(row: ResultRecord): Result {
  return { ticket: row.ticket, status: row.status, fuelUsed: BigInt(row.fuel), output: row.output }
}

function toLease(row: LeaseRecord): LeaseRow {
  return {
    id: row.id,
    terms: thaw<Terms>(row.terms),
    owed: BigInt(row.owed),
    ...(row.voucher ? { voucher: row.voucher } : {}),
    ...(row.offer ? { offer: thaw<CloseTerms>(row.offer) } : {}),
    closing: row.closing === 1,
    ...(row.claim === null ? {} : { claim: JSON.parse(row.claim) as number[] }),
  }
}

function toJob(row: JobRecord): JobRow {
  return {
    id: row.ticket,
    lease: row.lease,
    index: row.at,
    ticket: thaw<Ticket>(row.body),
    ...(row.signature ? { signature: row.signature } : {}),
    state: row.state,
    ...(row.reason ? { reason: row.reason } : {}),
    ...(row.detail ? { detail: row.detail } : {}),
    told: row.told === 1,
  }
}
