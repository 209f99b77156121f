import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Journal, openJournal, type Papers } from './journal.ts'

const id = (n: number) => `0x${n.toString(16).padStart(64, '0')}` as const
const papers = {
  size: { fuel: 5n, memoryPages: 2 },
  terms: { bond: 2n ** 90n },
  scheme: {},
  evidence: { result: { ticket: id(1) } },
} as Papers
const bytes = { program: new Uint8Array([0, 97]), input: new Uint8Array([1]) }

let folder: string
let journal: Journal
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-watcher-'))
  journal = openJournal(folder)
})
afterEach(() => {
  journal.close()
  rmSync(folder, { recursive: true })
})

const reopen = () => {
  journal.close()
  journal = openJournal(folder)
}

describe('the journal', () => {
  it('hears of a result once, whatever it was drawn as', () => {
    expect(journal.hear(id(1), 'drawn')).toBe(true)
    expect(journal.hear(id(1), 'skipped', 'not drawn')).toBe(false)
    expect(journal.hear(id(2), 'skipped', 'not drawn')).toBe(true)
    reopen()
    expect(journal.drawn(9)).toEqual([id(1)])
    journal.settle(id(1), 'right')
    expect(journal.drawn(9)).toEqual([])
    expect(journal.counts()).toEqual({ right: 1, skipped: 1 })
  })

  it('keeps all that a challenge and its game need, and drops the bytes when it is over', () => {
    journal.hear(id(1), 'drawn')
    journal.found(id(1), papers, bytes)
    reopen()
    expect(journal.lies()).toEqual([{ ticket: id(1), state: 'wrong', papers }])
    expect(journal.bytes(id(1))).toEqual(bytes)

    journal.challenging(id(1))
    journal.playing(id(1), id(7))
    reopen()
    expect(journal.lies()).toEqual([{ ticket: id(1), state: 'playing', papers, caseId: id(7) }])

    journal.over(id(1), 'guilty')
    expect(journal.lies()).toEqual([])
    expect(journal.lie(id(1))).toMatchObject({ state: 'over', caseId: id(7), why: 'guilty' })
    expect(journal.bytes(id(1))).toBeUndefined()
  })

  it('remembers how far the events were read', () => {
    expect(journal.lastEvent()).toBeUndefined()
    journal.setLastEvent('41')
    journal.setLastEvent('42')
    reopen()
    expect(journal.lastEvent()).toBe('42')
  })

  it('is one watcher’s at a time', () => {
    expect(() => openJournal(folder)).toThrow(expect.objectContaining({ code: 'journal-in-use' }))
  })
})
