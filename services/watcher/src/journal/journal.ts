/**
 * The watcher's memory: which results it looked at, and every case that it opened or is about to open. A challenge is
 * written here before it is sent, with all that it needs, so that no restart forgets a bond or puts up a second one.
 */
import type { Evidence, Scheme, Terms } from '@millrace/sdk'
import type { Hex } from 'viem'
import { openDatabase } from './open.ts'
import { freeze, thaw } from './values.ts'

/**
 * skipped: not drawn, or not to be contested anyway · drawn: to be run again · right, unknown: what came of it · wrong:
 * to be challenged · challenging: the challenge may be on its way · playing: its case is open · over: nothing is left
 * to do
 */
export type ResultState =
  | 'skipped'
  | 'drawn'
  | 'right'
  | 'unknown'
  | 'wrong'
  | 'challenging'
  | 'playing'
  | 'over'

/** What a challenge takes, checked. */
export interface Papers {
  readonly terms: Terms
  readonly scheme: Scheme
  readonly evidence: Evidence
  readonly size: RunSize
}

/** The most that a whole run of a job can take: what a game over it has to be reckoned with. */
export interface RunSize {
  readonly fuel: bigint
  readonly memoryPages: number
}

/** A wrong result, and what came of it. */
export interface Lie {
  readonly ticket: Hex
  readonly state: 'wrong' | 'challenging' | 'playing' | 'over'
  readonly papers: Papers
  readonly caseId?: Hex
  readonly why?: string
}

export interface RunBytes {
  readonly program: Uint8Array
  readonly input: Uint8Array
}

interface Row {
  ticket: Hex
  state: ResultState
  why: string | null
  papers: string | null
  case: Hex | null
}

export type Journal = ReturnType<typeof openJournal>

/** Opens the journal in `folder`. */
export function openJournal(folder: string) {
  const database = openDatabase(folder)
  const sql = (text: string) => database.prepare(text)
  const note = (key: string) =>
    (sql('SELECT value FROM meta WHERE key = ?').get(key) as { value: string } | undefined)?.value
  const setNote = (key: string, value: string) =>
    void sql('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value').run(
      key,
      value,
    )
  const set = (ticket: Hex, state: ResultState, why?: string) =>
    void sql('UPDATE results SET state = ?, why = ? WHERE ticket = ?').run(state, why ?? null, ticket)

  return {
    note,
    setNote,
    /** The last event that was handled: those after it come again at the next start. */
    lastEvent: (): string | undefined => note('event'),
    setLastEvent: (id: string): void => {
      // It may come again: its number is not worth a disk's time each.
      database.exec('PRAGMA synchronous = NORMAL')
      setNote('event', id)
      database.exec('PRAGMA synchronous = FULL')
    },

    /** Writes a result down that is heard of for the first time; says whether it is. */
    hear: (ticket: Hex, state: 'skipped' | 'drawn', why?: string): boolean =>
      sql('INSERT OR IGNORE INTO results (ticket, state, why) VALUES (?, ?, ?)').run(
        ticket,
        state,
        why ?? null,
      ).changes === 1,
    stateOf: (ticket: Hex): ResultState | undefined =>
      (sql('SELECT state FROM results WHERE ticket = ?').get(ticket) as Row | undefined)?.state,
    /** The oldest that wait to be looked at. */
    drawn: (most: number): Hex[] => {
      const rows = sql(`SELECT ticket FROM results WHERE state = 'drawn' ORDER BY rowid LIMIT ?`).all(most)
      return (rows as unknown as Row[]).map(({ ticket }) => ticket)
    },
    /** What came of a result that needs nothing more. */
    settle: (ticket: Hex, state: 'skipped' | 'right' | 'unknown', why?: string): void =>
      set(ticket, state, why),

    /** From here on nothing more is asked of the matcher. */
    found: (ticket: Hex, papers: Papers, { program, input }: RunBytes): void => {
      database.exec('BEGIN IMMEDIATE')
      try {
        sql('INSERT OR REPLACE INTO blobs VALUES (?, ?, ?)').run(ticket, program, input)
        sql(`UPDATE results SET state = 'wrong', papers = ? WHERE ticket = ?`).run(freeze(papers), ticket)
        database.exec('COMMIT')
      } catch (error) {
        // A full disk may have ended the transaction already.
        if (database.isTransaction) database.exec('ROLLBACK')
        throw error
      }
    },
    /** Written before a challenge is sent. */
    challenging: (ticket: Hex): void => set(ticket, 'challenging'),
    /** The chain refused the challenge: nothing was sent, or it failed as a whole. */
    unchallenged: (ticket: Hex): void => set(ticket, 'wrong'),
    playing: (ticket: Hex, caseId: Hex): void => {
      sql(`UPDATE results SET state = 'playing', "case" = ? WHERE ticket = ?`).run(caseId, ticket)
    },
    /** Nothing is left to do, and nothing to keep but the word of it. */
    over: (ticket: Hex, why: string): void => {
      set(ticket, 'over', why)
      sql('DELETE FROM blobs WHERE ticket = ?').run(ticket)
    },
    /** Wrong results for which something is left to do, oldest first. */
    lies: (): Lie[] => {
      const open = `state IN ('wrong', 'challenging', 'playing')`
      const rows = sql(`SELECT * FROM results WHERE ${open} ORDER BY rowid`).all()
      return (rows as unknown as Row[]).map(toLie)
    },
    lie: (ticket: Hex): Lie | undefined => {
      const row = sql('SELECT * FROM results WHERE ticket = ?').get(ticket) as Row | undefined
      return row?.papers ? toLie(row) : undefined
    },
    bytes: (ticket: Hex): RunBytes | undefined => {
      const row = sql('SELECT program, input FROM blobs WHERE ticket = ?').get(ticket)
      return row as unknown as RunBytes | undefined
    },
    /** How many results are in each state. */
    counts: (): Partial<Record<ResultState, number>> => {
      const rows = sql('SELECT state, COUNT(*) AS n FROM results GROUP BY state').all()
      return Object.fromEntries(
        (rows as unknown as { state: ResultState; n: number }[]).map(({ state, n }) => [state, n]),
      )
    },

    close: (): void => database.close(),
  }
}

function toLie(row: Row): Lie {
  return {
    ticket: row.ticket,
    state: row.state as Lie['state'],
    papers: thaw<Papers>(row.papers!),
    ...(row.case ? { caseId: row.case } : {}),
    ...(row.why ? { why: row.why } : {}),
  }
}
