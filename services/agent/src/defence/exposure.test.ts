import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  clockOf,
  leaseIdOf,
  mostFuelOf,
  type Terms,
  type Ticket,
  ticketHash,
  workSeconds,
} from '@millrace/sdk'
import type { Hex } from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { terms as longTerms } from '../fixtures/terms.ts'
import { type Journal, openJournal } from '../journal/journal.ts'
import { createExposure, dueAtOnce, dueOf, fitsAtOnce } from './exposure.ts'

const hash = (byte: string): Hex => `0x${byte.repeat(32)}`
const PROVEN = hash('5c')
const GIGA = 10n ** 9n

let folder: string
let journal: Journal
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-agent-'))
  journal = openJournal(folder)
})
afterEach(() => {
  journal.close()
  rmSync(folder, { recursive: true })
})

/** What a proof of a gigafuel takes. */
const gigaSeconds = BigInt(Math.ceil(workSeconds(GIGA, 1)))

let seq = 0n
/** A lease with a job in it, of a tasker who says nothing more. */
function leased(fuel: bigint, changes: Partial<Terms> = {}) {
  const terms: Terms = { ...longTerms, scheme: PROVEN, disputeLimit: 6_400n, seq: seq++, ...changes }
  const lease = leaseIdOf(terms)
  const ticketAt = (index: number): Ticket => ({
    ...{ lease, index },
    job: { programRoot: hash('01'), input: hash('02'), fuel, outputMax: 9, deadline: 9n },
  })
  journal.addLease(lease, terms)
  const job = (index = 0) => {
    const ticket = ticketAt(index)
    journal.addJob(ticketHash(ticket), ticket, undefined)
    return journal.job(ticketHash(ticket))!
  }
  const used = (fuelUsed: bigint, pages = 1, index = 0) =>
    journal.settleResult(
      { ticket: ticketHash(ticketAt(index)), status: 0, fuelUsed, output: hash('03') },
      ...([Uint8Array.of(), 1n, { pages }] as const),
    )
  return { terms, lease, job, used }
}

describe('fitsAtOnce', () => {
  const due = (work: number, within: number) => ({ work, within })
  it.each<[string, [work: number, within: number][], number, boolean]>([
    ['one', [[10, 10]], 1, true],
    ['one that is late', [[10.1, 10]], 1, false],
    [
      'two in turn',
      [
        [4, 10],
        [6, 10],
      ],
      1,
      true,
    ],
    [
      'two of which the later is late',
      [
        [4, 10],
        [6.1, 10],
      ],
      1,
      false,
    ],
    [
      'the same in two processes',
      [
        [9, 10],
        [9, 10],
      ],
      2,
      true,
    ],
    [
      'a long one that is due long after a short one',
      [
        [9, 10],
        [90, 100],
      ],
      1,
      true,
    ],
    [
      'the same the other way round',
      [
        [90, 100],
        [9, 10],
      ],
      1,
      true,
    ],
    ['many small ones', Array.from({ length: 1_000 }, () => [0.01, 10]), 1, true],
    ['more of them than there is time', Array.from({ length: 1_001 }, () => [0.01, 10]), 1, false],
  ])('%s', (_, dues, places, fits) => {
    expect(
      fitsAtOnce(
        dues.map(([work, within]) => due(work, within)),
        places,
      ),
    ).toBe(fits)
  })
})

describe('dueAtOnce', () => {
  it('counts all results of a lease, but no more than four of the largest, or its clock', () => {
    const most = { work: 1, within: 9 }
    expect(dueAtOnce({ work: 3, most })).toEqual({ work: 3, within: 9 })
    expect(dueAtOnce({ work: 1_000_000, most })).toEqual({ work: 4, within: 9 })
    expect(dueAtOnce({ work: 12, most: { work: 3, within: 9 } })).toEqual({ work: 9, within: 9 })
  })
})

describe('a job', () => {
  const open = (places = 1) => createExposure({ journal, provable: new Set([PROVEN]), places })
  /** So much that two of them do not fit one clock. */
  const LARGE = (GIGA * BigInt(Math.floor(0.6 * Number(clockOf(6_400n, 'provider'))))) / gigaSeconds

  it('is taken as long as its proof and all others would be ready in time', () => {
    const { work, within } = dueOf({ fuel: LARGE, pages: 1 }, 6_400n)
    expect([work < within, 2 * work > within]).toEqual([true, true])
    const exposure = open()
    const [first, second] = [leased(LARGE), leased(LARGE)]
    const [one, other] = [first.job(), second.job()]
    expect(exposure.take(one, first.terms, 1)).toBeUndefined()
    const refusal = exposure.take(other, second.terms, 1)
    expect(refusal).toMatchObject({ reason: 'clock', detail: expect.stringContaining('all 2 open leases') })
    expect(open(2).take(other, second.terms, 1)).toBeUndefined()
    // The first one used little of what it might have.
    first.used(LARGE / 10n)
    exposure.end(one.id)
    expect(exposure.take(other, second.terms, 1)).toBeUndefined()
  })

  it('counts again what runs at a restart, and no longer what is over', () => {
    const [first, second] = [leased(LARGE), leased(LARGE)]
    first.job()
    first.used(LARGE)
    const other = second.job()
    journal.close()
    journal = openJournal(folder)
    expect(open().take(other, second.terms, 1)).toMatchObject({ reason: 'clock' })
    journal.endLease(first.lease)
    expect(open().take(other, second.terms, 1)).toBeUndefined()
  })

  it('counts with all results of its lease, memory too', () => {
    const { job, used, lease } = leased(LARGE)
    for (const index of [0, 1, 2]) job(index)
    const [half, quarter] = [GIGA / 2n, GIGA / 4n]
    const work = [workSeconds(half, 1), workSeconds(half, 16_384), workSeconds(quarter, 1)]
    used(half, 1, 0)
    expect(journal.proofs(lease)).toEqual({ seconds: work[0], largest: { fuel: half, pages: 1 } })
    used(half, 16_384, 1)
    used(quarter, 1, 2)
    const seconds = work.reduce((sum, each) => sum + each)
    const all = { seconds: expect.closeTo(seconds), largest: { fuel: half, pages: 16_384 } }
    expect(journal.proofs(lease)).toEqual(all)
    journal.close()
    journal = openJournal(folder)
    expect(journal.proofs(lease)).toEqual(all)
    expect(work[1]).toBeGreaterThan(work[0]!)
  })

  it('is never refused for what its own lease alone holds', () => {
    // The largest that the lease's dispute limit allows.
    const { job, terms, used } = leased(
      mostFuelOf({ disputeLimit: 6_400n, window: 2n ** 60n, memoryPages: 1 }),
    )
    for (let index = 0; index < 8; index++) {
      const row = job(index)
      expect(open().take(row, terms, 1)).toBeUndefined()
      used(row.ticket.job.fuel, 1, index)
    }
  })

  it('is refused beside what its own lease holds already, if another could be contested too', () => {
    const [many, beside] = [leased(LARGE / 2n), leased(LARGE / 2n)]
    for (const index of [0, 1]) {
      expect(open().take(many.job(index), many.terms, 1)).toBeUndefined()
      many.used(LARGE / 2n, 1, index)
    }
    expect(open().take(beside.job(), beside.terms, 1)).toBeUndefined()
    beside.used(LARGE / 2n)
    expect(open().take(many.job(2), many.terms, 1)).toMatchObject({ reason: 'clock' })
  })

  it('is not counted where an arbiter judges', () => {
    const exposure = open()
    const [first, second] = [leased(LARGE), leased(LARGE, { scheme: hash('ab') })]
    expect(exposure.take(first.job(), first.terms, 1)).toBeUndefined()
    expect(exposure.take(second.job(), second.terms, 1)).toBeUndefined()
  })
})
