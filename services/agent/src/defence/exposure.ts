/**
 * What could be contested at one moment. Each case has a clock of its own, and whoever has results in many leases may be
 * challenged in all of them at once: a job is taken only if even then every proof would be ready in time. Leases that
 * were closed by both sides are over and count no more, and a result counts by what its run used.
 *
 * Of one lease no more than four times its largest result counts, which is about what its clock holds, and each further
 * case of it takes a larger bond. Else a lease of many jobs would be full long before its end.
 */
import { clockOf, playSeconds, type Terms, workSeconds } from '@millrace/sdk'
import type { Hex } from 'viem'
import type { Refusal } from '../jobs/check.ts'
import type { JobRow, Journal, Proof } from '../journal/journal.ts'

/** A proof, and by when it must be ready after the challenge. Seconds. */
export interface Due {
  readonly work: number
  readonly within: number
}

/** What the work of a lease's largest proof may take of its clock: the rest is for moves to get mined. */
export function dueOf({ fuel, pages }: Proof, disputeLimit: bigint): Due {
  const work = workSeconds(fuel, pages)
  const moves = Number(playSeconds(fuel, pages)) - Math.ceil(work)
  return { work, within: Math.max(0, Number(clockOf(disputeLimit, 'provider')) - moves) }
}

/** What a lease's results come to, all of them and the largest. */
export interface Stake {
  readonly work: number
  readonly most: Due
}

/** Results of one lease that are reckoned to be contested at once. */
const CASES = 4

/** Whether so many processes are ready with all proofs in time, those first that are due first. */
export function fitsAtOnce(dues: readonly Due[], places: number): boolean {
  let work = 0
  return [...dues]
    .sort((a, b) => a.within - b.within)
    .every((due) => {
      work += due.work
      return work <= due.within * places
    })
}

export interface Exposure {
  /** Counts a job's proof from now on, or says why it is too much. */
  take(job: JobRow, terms: Terms, memoryPages: number): Refusal | undefined
  /** A job has its result, or never will: from now on the journal counts. */
  end(job: Hex): void
}

export interface ExposureDeps {
  readonly journal: Journal
  /** Leaves of leases whose disputes are decided by proof. */
  readonly provable: ReadonlySet<Hex>
  /** Processes that make proofs, at a time. */
  readonly places: number
}

export function createExposure({ journal, provable, places }: ExposureDeps): Exposure {
  /** Jobs that run: what they may use is what counts. */
  const running = new Map<Hex, { lease: Hex; due: Due }>()

  /** Of every live lease, without one job. */
  const stakesWithout = (job: Hex): Map<Hex, Stake> => {
    const stakes = new Map<Hex, Stake>()
    for (const { id, terms } of journal.liveLeases()) {
      const proofs = provable.has(terms.scheme) && journal.proofs(id)
      if (proofs) stakes.set(id, { work: proofs.seconds, most: dueOf(proofs.largest, terms.disputeLimit) })
    }
    for (const [id, { lease, due }] of running) if (id !== job) stakes.set(lease, sum(stakes.get(lease), due))
    return stakes
  }

  return {
    take: ({ id, lease, ticket }, terms, pages) => {
      if (!provable.has(terms.scheme)) return undefined
      const due = dueOf({ fuel: ticket.job.fuel, pages }, terms.disputeLimit)
      const stakes = stakesWithout(id)
      stakes.set(lease, sum(stakes.get(lease), due))
      const dues = [...stakes.values()].map(dueAtOnce)
      if (!fitsAtOnce(dues, places)) {
        const work = dues.reduce((all, each) => all + each.work, 0)
        const detail =
          `If results of all ${dues.length} open leases were contested at the same moment, their proofs would take ` +
          `${Math.ceil(work)} s; this one’s must be ready within ${due.within} s.`
        return { reason: 'clock', detail }
      }
      running.set(id, { lease, due })
      return undefined
    },
    end: (job) => void running.delete(job),
  }
}

function sum(stake: Stake | undefined, due: Due): Stake {
  if (!stake) return { work: due.work, most: due }
  return { work: stake.work + due.work, most: due.work > stake.most.work ? due : stake.most }
}

/** Of so many of a lease's results as are reckoned with. */
export function dueAtOnce({ work, most }: Stake): Due {
  return { work: Math.min(work, CASES * most.work, most.within), within: most.within }
}
