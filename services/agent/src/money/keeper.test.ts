import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { domain, INPUT, jobLease, NOW, openDesk, PROGRAM, silent } from '../fixtures/desk.ts'
import { SIGNER } from '../fixtures/signer.ts'
import { type Journal, openJournal } from '../journal/journal.ts'
import { createKeeper } from './keeper.ts'

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

/** An agent's keeper over a lease that was closed by both sides. */
function scene() {
  const { terms, lease, view } = jobLease()
  const desk = openDesk(terms)
  desk.facts.status = 'closed'
  journal.addLease(lease, terms)
  journal.addJob(view.id, view.ticket, undefined)
  journal.keepBlob(PROGRAM, lease, INPUT)
  const over: string[] = []
  const open = () =>
    createKeeper({
      ...{ journal, matcher: desk.matcher, chain: desk.chain, domain, log: silent, key: SIGNER },
      policy: { redeemAbove: 2n ** 96n, dust: 0n, tidyAfter: 0n },
      onOver: (id) => over.push(id),
    })
  return { desk, lease, over, open }
}

describe('a lease that has ended', () => {
  it('is out of the way at once, and forgotten when no reorganisation can bring it back', async () => {
    const { desk, lease, over, open } = scene()
    const keeper = open()
    await keeper.pass()
    expect([over, journal.liveLeases(), keeper.pending()]).toEqual([[lease], [], []])
    expect(journal.restingLeases().map(({ id }) => id)).toEqual([lease])
    desk.facts.now = NOW + 899n
    await keeper.pass()
    expect(journal.blob(PROGRAM)).toEqual(INPUT)
    desk.facts.now = NOW + 900n
    await keeper.pass()
    expect([journal.restingLeases(), journal.blob(PROGRAM)]).toEqual([[], undefined])
  })

  it('is looked after again where the chain took its end back', async () => {
    const { desk, lease, open } = scene()
    await open().pass()
    // Killed meanwhile, and told of something.
    const keeper = open()
    await keeper.pass()
    keeper.poke(lease)
    await keeper.pass()
    expect(journal.liveLeases()).toEqual([])
    desk.facts.status = 'open'
    keeper.poke(lease)
    await keeper.pass()
    expect(journal.liveLeases().map(({ id }) => id)).toEqual([lease])
    expect(keeper.pending()).toMatchObject([{ lease }])
    expect(journal.blob(PROGRAM)).toEqual(INPUT)
  })

  it('is looked at once more before it is forgotten, whatever was told', async () => {
    const { desk, lease, open } = scene()
    const keeper = open()
    await keeper.pass()
    desk.facts.status = 'claimed'
    desk.facts.now = NOW + 900n
    await keeper.pass()
    expect(journal.liveLeases().map(({ id }) => id)).toEqual([lease])
  })
})
