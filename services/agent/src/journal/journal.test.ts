import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Result, type Ticket, ticketHash } from '@millrace/sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { terms } from '../fixtures/terms.ts'
import { openJournal } from './journal.ts'
import { JournalInUseError } from './open.ts'
import { MIGRATIONS } from './schema.ts'
import { freeze } from './values.ts'

const hash = (byte: string) => `0x${byte.repeat(32)}` as const

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-agent-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const lease = hash('aa')
const ticketAt = (index: number): Ticket => ({
  lease,
  index,
  job: { programRoot: hash('01'), input: hash('02'), fuel: 9n, outputMax: 100, deadline: 5_000n },
})
const ticket = ticketAt(0)
const id = ticketHash(ticket)
const result: Result = { ticket: id, status: 0, fuelUsed: 2n ** 60n, output: hash('03') }
const bytes = Uint8Array.of(1, 2, 3)

/** A journal with one lease and one job in it. */
const openWithJob = () => {
  const journal = openJournal(folder)
  journal.addLease(lease, terms)
  journal.addJob(id, ticket, undefined)
  return journal
}

describe('journal', () => {
  it('keeps everything over a restart, to the last unit', () => {
    const journal = openWithJob()
    journal.settleResult(result, bytes, 77n)
    journal.addVoucher(lease, 2n ** 80n, '0xbb')
    journal.setNote('event', '42')
    journal.close()

    const again = openJournal(folder)
    expect(again.note('event')).toBe('42')
    expect(again.lease(lease)).toEqual({ id: lease, terms, owed: 2n ** 80n, voucher: '0xbb', closing: false })
    expect(again.job(id)).toEqual({ id, lease, index: 0, ticket, state: 'ran', told: false })
    expect(again.result(id)).toEqual(result)
    expect(again.output(result.output)).toEqual(bytes)
    expect(again.tally(lease)).toEqual({ earned: 77n, results: 1, running: 0, declined: 0, fuel: 2n ** 60n })
    again.close()
  })

  it('gives back the first result of a ticket, whatever a second run says', () => {
    const journal = openWithJob()
    expect(journal.settleResult(result, bytes, 77n)).toEqual(result)
    const other = { ...result, output: hash('04'), fuelUsed: 1n }
    expect(journal.settleResult(other, Uint8Array.of(4), 1n)).toEqual(result)
    expect(journal.tally(lease)).toEqual({
      earned: 77n,
      results: 1,
      running: 0,
      declined: 0,
      fuel: 2n ** 60n,
    })
    journal.close()
  })

  it('keeps the note on how a job ended, that of its first run', () => {
    const journal = openWithJob()
    journal.settleResult(result, bytes, 77n, { detail: 'unreachable' })
    journal.settleResult(result, bytes, 77n, { detail: 'another engine’s words' })
    expect(journal.job(id)).toMatchObject({ state: 'ran', detail: 'unreachable' })
    journal.close()
  })

  it('keeps the larger of two vouchers', () => {
    const journal = openWithJob()
    journal.addVoucher(lease, 10n, '0x0a')
    journal.addVoucher(lease, 9n, '0x09')
    expect(journal.lease(lease)).toMatchObject({ owed: 10n, voucher: '0x0a' })
    journal.close()
  })

  it('remembers what the tasker offered, and that an end was signed', () => {
    const journal = openWithJob()
    const offer = { owed: 2n ** 70n, until: 9n }
    journal.setOffer(lease, offer)
    journal.setClosing(lease)
    expect(journal.lease(lease)).toMatchObject({ offer, closing: true })
    journal.close()
  })

  it('holds a place in a lease for one ticket', () => {
    const journal = openWithJob()
    const other = { ...ticket, job: { ...ticket.job, fuel: 10n } }
    journal.addJob(ticketHash(other), other, undefined)
    expect(journal.jobAt(lease, 0)?.id).toBe(id)
    expect(journal.job(ticketHash(other))).toBeUndefined()
    journal.close()
  })

  it('counts the most of what runs, the used of what ran, and nothing of what was declined', () => {
    const journal = openWithJob()
    for (const index of [1, 2]) journal.addJob(ticketHash(ticketAt(index)), ticketAt(index), '0x51')
    journal.settleResult({ ...result, fuelUsed: 4n }, bytes, 77n)
    journal.decline(ticketHash(ticketAt(2)), 'host-abort', 'no memory')
    const tally = { earned: 77n, results: 1, running: 1, declined: 1, fuel: 13n }
    expect(journal.tally(lease)).toEqual(tally)
    journal.close()
    const again = openJournal(folder)
    expect(again.tally(lease)).toEqual(tally)
    again.close()
  })

  it('does not decline what has a result', () => {
    const journal = openWithJob()
    journal.settleResult(result, bytes, 77n)
    journal.decline(id, 'host-abort', 'late')
    expect(journal.job(id)?.state).toBe('ran')
    journal.close()
  })

  it('says which jobs the matcher has yet to hear of, oldest first', () => {
    const journal = openWithJob()
    const second = ticketAt(1)
    journal.addJob(ticketHash(second), second, '0x51')
    expect(journal.pendingJobs().map((job) => job.index)).toEqual([0, 1])
    journal.settleResult(result, bytes, 77n)
    journal.setTold(id, true)
    expect(journal.pendingJobs().map((job) => job.index)).toEqual([1])
    journal.close()
  })

  it('drops the outputs of a lease that is over, and keeps what was signed', () => {
    const journal = openWithJob()
    journal.settleResult(result, bytes, 77n)
    journal.endLease(lease)
    expect(journal.output(result.output)).toBeUndefined()
    expect(journal.result(id)).toEqual(result)
    expect(journal.liveLeases()).toEqual([])
    journal.close()
  })

  it('keeps one copy of a program or an input for as long as any lease needs it', () => {
    const journal = openWithJob()
    const other = hash('bb')
    journal.addLease(other, terms)
    const program = Uint8Array.of(7, 7)
    journal.keepBlob(hash('01'), lease, program)
    journal.keepBlob(hash('01'), lease, program)
    journal.keepBlob(hash('01'), other, Uint8Array.of(8))
    journal.keepBlob(hash('02'), lease, bytes)
    journal.close()

    const again = openJournal(folder)
    expect(again.blob(hash('01'))).toEqual(program)
    expect(again.blob(hash('02'))).toEqual(bytes)
    again.endLease(lease)
    expect(again.blob(hash('01'))).toEqual(program)
    expect(again.blob(hash('02'))).toBeUndefined()
    again.endLease(other)
    expect(again.blob(hash('01'))).toBeUndefined()
    again.close()
  })

  it('keeps how a run was altered with the result that came of it', () => {
    const journal = openWithJob()
    const tamper = { step: 2n ** 60n, field: 'stack', seed: 5 } as const
    expect(journal.tamper(id)).toBeUndefined()
    journal.settleResult(result, bytes, 77n, { tamper })
    journal.settleResult(result, bytes, 77n, { tamper: { ...tamper, seed: 6 } })
    expect(journal.tamper(id)).toEqual(tamper)
    journal.close()
  })

  it('takes up a journal from before it kept programs', () => {
    const database = new DatabaseSync(join(folder, 'agent.sqlite'))
    database.exec(MIGRATIONS[0]!)
    database.exec('PRAGMA user_version = 1')
    database.exec(`INSERT INTO leases (id, terms) VALUES ('${lease}', '${freeze(terms)}')`)
    database.close()
    const journal = openJournal(folder)
    expect(journal.lease(lease)?.terms).toEqual(terms)
    journal.keepBlob(hash('01'), lease, bytes)
    expect(journal.blob(hash('01'))).toEqual(bytes)
    journal.close()
  })

  it('is nobody else’s to read, and for one agent at a time', () => {
    const inner = join(folder, 'data')
    const journal = openJournal(inner)
    expect(statSync(inner).mode & 0o777).toBe(0o700)
    expect(() => openJournal(inner)).toThrow(JournalInUseError)
    journal.close()
    openJournal(inner).close()
  })

  it('has what it said that it wrote when the process dies at once after', () => {
    openWithJob().close()
    const script = `
      import { openJournal } from ${JSON.stringify(import.meta.resolve('./journal.ts'))}
      const journal = openJournal(${JSON.stringify(folder)})
      const result = { ticket: '${id}', status: 0, fuelUsed: 5n, output: '${hash('03')}' }
      journal.settleResult(result, Uint8Array.of(1, 2, 3), 77n)
      process.kill(process.pid, 'SIGKILL')`
    const died = spawnSync(process.execPath, ['--input-type=module', '-e', script])
    expect(died.signal).toBe('SIGKILL')
    const journal = openJournal(folder)
    expect(journal.result(id)?.fuelUsed).toBe(5n)
    expect(journal.settleResult(result, bytes, 1n).fuelUsed).toBe(5n)
    expect(journal.job(id)?.state).toBe('ran')
    journal.close()
  })
})
