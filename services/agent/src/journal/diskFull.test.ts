/** A disk that is full, a small one of the test's own: what was written stays, what was not is told, room is enough. */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type LeaseView, type MarketEvent, type Ticket, ticketHash } from '@millrace/sdk'
import { afterAll, describe, expect, it } from 'vitest'
import { followEvents } from '../events.ts'
import { domain, jobLease, KEY, openDesk, silent } from '../fixtures/desk.ts'
import { terms } from '../fixtures/terms.ts'
import { isRetryable } from '../jobs/retryable.ts'
import { createLeases } from '../leases.ts'
import type { MatcherPort } from '../ports.ts'
import { openJournal } from './journal.ts'
import { DiskFullError } from './open.ts'

const disk = mountSmallDisk()
const reason = disk ? '' : ' (skipped: mounting a small disk takes root on Linux)'

const hash = (byte: string) => `0x${byte.repeat(32)}` as const
const lease = hash('aa')
const ticketAt = (index: number): Ticket => ({
  lease,
  index,
  job: { programRoot: hash('01'), input: hash('02'), fuel: 9n, outputMax: 100_000, deadline: 5_000n },
})
const ids = [0, 1, 2].map((index) => ticketHash(ticketAt(index)))
const resultOf = (index: number) => ({
  ...{ ticket: ids[index]!, status: 0, fuelUsed: 5n },
  output: hash(`0${index}`),
})
const output = (index: number) => new Uint8Array(50_000).fill(index + 1)

describe.skipIf(!disk)(`a journal on a full disk${reason}`, () => {
  const folder = join(disk ?? '', 'agent')
  const ballast = join(disk ?? '', 'ballast')
  afterAll(() => {
    if (!disk) return
    execFileSync('umount', [disk])
    rmSync(disk, { recursive: true })
  })

  it('says so, loses nothing that it wrote, counts nothing that it did not, and goes on when there is room', () => {
    const journal = openJournal(folder)
    journal.addLease(lease, terms)
    for (const index of [0, 1]) journal.addJob(ids[index]!, ticketAt(index), undefined)
    journal.settleResult(resultOf(0), output(0), 7n)

    fill(ballast)
    const tally = journal.tally(lease)
    for (const write of [
      () => journal.settleResult(resultOf(1), output(1), 7n),
      () => journal.addJob(ids[2]!, ticketAt(2), undefined),
      () => journal.setLastEvent('9'),
      () => journal.keepBlob(hash('02'), lease, new Uint8Array(100_000)),
    ]) {
      const error = thrownBy(write)
      expect(error).toBeInstanceOf(DiskFullError)
      expect(isRetryable(error)).toBe(true)
    }
    expect(journal.result(ids[1]!)).toBeUndefined()
    expect(journal.job(ids[2]!)).toBeUndefined()
    expect(journal.blob(hash('02'))).toBeUndefined()
    expect(journal.tally(lease)).toEqual(tally)
    expect(journal.result(ids[0]!)).toEqual(resultOf(0))

    rmSync(ballast)
    expect(journal.settleResult(resultOf(1), output(1), 7n)).toEqual(resultOf(1))
    journal.addJob(ids[2]!, ticketAt(2), undefined)
    journal.close()

    const again = openJournal(folder)
    expect([0, 1].map((index) => again.result(ids[index]!))).toEqual([resultOf(0), resultOf(1)])
    expect(again.output(hash('01'))).toEqual(output(1))
    expect(again.tally(lease)).toMatchObject({ results: 2, running: 1, earned: 14n })
    again.close()
  })

  it('has what was told meanwhile asked for again, and ends no process', async () => {
    const { terms, lease } = jobLease()
    const view = { id: lease, terms, state: 'open' } as unknown as LeaseView
    const desk = openDesk(terms)
    let tell: Parameters<MatcherPort['watch']>[0] | undefined
    const matcher: MatcherPort = {
      ...desk.matcher,
      liveLeases: async () => (told ? [view] : []),
      watch: (options) => {
        tell = options
        return () => {}
      },
    }
    let told = false
    const journal = openJournal(join(disk!, 'events'))
    const idle = { take() {}, recover() {}, flush() {}, poke() {}, hurry() {}, pass: async () => {} }
    const events = followEvents({
      ...{ journal, matcher, domain, log: silent },
      leases: createLeases({ journal, matcher, chain: desk.chain, key: KEY }),
      ...{ jobs: idle as never, keeper: idle as never, offers: idle as never },
    })
    tell!.onOpen()
    fill(ballast)
    told = true
    tell!.onEvent({ id: '7', type: 'lease.opened', lease, data: view } as unknown as MarketEvent)
    // Time for the number of the event to be written, in vain.
    await delay(1_500)
    expect(journal.lease(lease)).toBeUndefined()
    rmSync(ballast)
    await expect.poll(() => journal.lease(lease)?.id, { timeout: 10_000 }).toBe(lease)
    await expect.poll(() => journal.lastEvent(), { timeout: 10_000 }).toBe('7')
    events.stop()
    journal.close()
  }, 30_000)

  it('is not opened where it could not be made, and says why', () => {
    fill(ballast)
    expect(thrownBy(() => openJournal(join(disk!, 'another')))).toMatchObject({ code: 'disk-full' })
    rmSync(ballast)
    openJournal(join(disk!, 'another')).close()
  })
})

function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}

/** Writes until not a byte more fits. */
function fill(path: string): void {
  const file = openSync(path, 'w')
  try {
    for (const size of [65_536, 4_096, 1]) {
      try {
        for (;;) writeSync(file, new Uint8Array(size))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    }
  } finally {
    closeSync(file)
  }
}

function mountSmallDisk(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'small-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'ignore' })
    return folder
  } catch {
    rmSync(folder, { recursive: true })
    return undefined
  }
}
