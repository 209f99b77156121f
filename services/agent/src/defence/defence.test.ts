import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { commit } from '@millrace/machine'
import {
  type Ending,
  type GameEnd,
  type GameView,
  hashResult,
  type PlayedMove,
  type Tracer,
} from '@millrace/sdk'
import pino from 'pino'
import { type Hex, zeroAddress, zeroHash } from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { INPUT, jobLease, PROGRAM } from '../fixtures/desk.ts'
import { type Journal, openJournal } from '../journal/journal.ts'
import type { DisputePort, FoundCase, PlayOptions } from '../ports.ts'
import { createDefence, type Defence } from './defence.ts'
import type { TraceSource } from './source.ts'

const hash = (byte: string): Hex => `0x${byte.repeat(32)}`
const PROGRAM_BYTES = Uint8Array.of(1, 2, 3)

let folder: string
let journal: Journal
let defence: Defence | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-agent-'))
  journal = openJournal(folder)
})
afterEach(async () => {
  await defence?.stop()
  defence = undefined
  journal.close()
  rmSync(folder, { recursive: true })
})

/** A lease with one result in it, and a chain on which the test says what is contested. */
function scene() {
  const { terms, lease, view } = jobLease()
  const { job } = view.ticket
  const result = { ticket: view.id, status: 0, fuelUsed: 7n, output: hash('0f') }
  journal.addLease(lease, terms)
  journal.addJob(view.id, view.ticket, undefined)
  journal.keepBlob(PROGRAM, lease, PROGRAM_BYTES)
  journal.keepBlob(commit(INPUT), lease, INPUT)
  journal.settleResult(result, Uint8Array.of(), 1n)

  const open: FoundCase[] = []
  const sources: TraceSource[] = []
  const lines: { msg: string }[] = []
  const settled: Hex[] = []
  const playing: (PlayOptions & { view: GameView })[] = []
  /** What the game's end is, once the test says so. */
  const ends = new Map<Hex, PromiseWithResolvers<GameEnd>>()
  const facts = { ending: endingOf({ ...job, ...result }), fails: 0, blobs: 0 }

  const challenge = (id: Hex, changes: Partial<FoundCase> = {}) => {
    const found = { id, lease, index: 0, result: hashResult(result), challenger: zeroAddress, bond: 5n }
    open.push({ ...found, ruleBy: 9_000n, provable: true, ...changes })
    ends.set(id, Promise.withResolvers())
  }
  const gameOf = (id: Hex): GameView => ({
    ...{ caseId: id, id, receiver: zeroAddress, challenger: zeroAddress, provider: zeroAddress },
    ...{ providerKey: zeroAddress, contested: { ...job, ...result }, ruleBy: 9_000n, deadline: 2_000n },
    ...{ firstStep: 0n, level: 3, turn: 'provider', providerClock: 900n, challengerClock: 900n },
    ...{ extension: 1n, movedAt: 1_100n, moves: [], state: 'defend' },
  })
  const disputes: DisputePort = {
    openCases: async (since, isOurs) => {
      expect(since).toBe(terms.openedAt)
      return open.filter((found) => isOurs(found.lease))
    },
    game: async (id) => gameOf(id),
    play: async (options) => {
      if (facts.fails-- > 0) throw new Error('the node is away')
      playing.push({ ...options, view: gameOf(options.caseId) })
      const gone = new Promise<never>((_, reject) => {
        options.signal.addEventListener('abort', () => reject(options.signal.reason))
      })
      const end = await Promise.race([ends.get(options.caseId)!.promise, gone])
      open.splice(
        open.findIndex(({ id }) => id === options.caseId),
        1,
      )
      return end
    },
  }
  const log = pino({ base: undefined }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const take = () =>
    (defence = createDefence({
      ...{ journal, disputes, log, places: 1, schemes: [] },
      matcher: {
        fetchBlob: async (root) => {
          facts.blobs++
          return root === PROGRAM ? PROGRAM_BYTES : INPUT
        },
      },
      openTrace: async (source) => {
        sources.push(source)
        const tracer: Tracer = {
          statesAt: async (steps) => steps.map(() => zeroHash),
          ending: async () => facts.ending,
          proveAt: async () => ({ state: '0x', witness: '0x', next: '0x' }),
          lookAt: async () => ({}) as never,
          close: async () => {},
        }
        return { ...tracer, findLie: async () => undefined }
      },
      onSettled: (id) => void settled.push(id),
    }))
  const says = () => lines.map(({ msg }) => msg)
  return {
    open,
    lease,
    view,
    result,
    job,
    challenge,
    ends,
    playing,
    sources,
    says,
    lines,
    settled,
    facts,
    take,
  }
}

function endingOf(came: { programRoot: Hex; status: number; fuelUsed: bigint; output: Hex }): Ending {
  const { programRoot, status, fuelUsed, output } = came
  return { programRoot, status, fuelUsed, output, steps: 9n } as Ending
}

const move = (by: PlayedMove['by'], kind: PlayedMove['kind'], byte: string): PlayedMove => ({
  ...{ by, kind, tx: hash(byte), block: 1n, level: 2, sender: zeroAddress, gas: 70_000n, cost: 1n },
})

const WON = {
  ...{ verdict: 'clean', proven: false, moves: [], gas: { provider: 210_000n, challenger: 0n } },
  settled: { tx: zeroHash, gas: 100_000n },
} as unknown as GameEnd

describe('the defence', () => {
  it('takes a game up for each case, with one run for all of a ticket’s, and looks at the money at the end', async () => {
    const { challenge, ends, playing, sources, says, settled, take, lease, job } = scene()
    const defence = take()
    await defence.pass()
    expect(playing).toEqual([])
    const ids = Array.from({ length: 10 }, (_, i) => hash(`c${i}`))
    for (const id of ids) challenge(id)
    await defence.pass()
    await defence.pass()
    await expect.poll(() => playing.length).toBe(10)
    expect(says().filter((line) => line === 'a result was challenged')).toHaveLength(10)
    await Promise.all(playing.map(({ tracer }) => tracer.ending()))
    await Promise.all(playing.map(({ tracer }) => tracer.statesAt([1n, 2n])))
    const { fuel, outputMax } = job
    expect(sources).toEqual([{ program: PROGRAM_BYTES, input: INPUT, fuel, outputMax }])
    expect(defence.status()).toMatchObject({
      traces: { open: 1 },
      games: ids.map((id) => ({
        ...{ case: id, lease, index: 0, moves: 0 },
        next: { do: 'defend', by: 'provider', until: 2_000n },
      })),
    })
    for (const id of ids) ends.get(id)!.resolve(WON)
    await expect.poll(() => settled.length).toBe(10)
    expect(defence.status()).toMatchObject({ games: [], traces: { open: 0 } })
    expect(says().filter((line) => line === 'a dispute was won')).toHaveLength(10)
  })

  it('tells every move of both sides once, and what the game cost', async () => {
    const { challenge, ends, playing, says, lines, take } = scene()
    const defence = take()
    challenge(hash('c0'))
    await defence.pass()
    await expect.poll(() => playing.length).toBe(1)
    const [{ onView, onMove, view }] = playing as [(typeof playing)[number]]
    const moves = [
      ...[move('provider', 'defend', '01'), move('challenger', 'split', '02')],
      ...[move('provider', 'split', '03'), move('provider', 'timeout', '04')],
    ]
    for (const [i, each] of moves.entries()) {
      const now: GameView = { ...view, moves: moves.slice(0, i + 1), state: i < 3 ? 'split' : 'ended' }
      onMove(each, now)
      onView(now)
    }
    expect(defence.status().games[0]).toMatchObject({ moves: 4, next: { do: 'ended' } })
    ends.get(hash('c0'))!.resolve({ ...WON, moves })
    await expect.poll(() => says().at(-1)).toBe('a dispute was won')
    expect(says()).toEqual([
      ...['a result was challenged', 'playing for a result'],
      'defended a result: showed how its run begins and ends',
      'the challenger picked a section and split it',
      'picked a section of the challenger’s and split it',
      ...['the challenger’s time was out', 'a dispute was won'],
    ])
    expect(lines.at(-1)).toMatchObject({ verdict: 'clean', gas: 310_000, moves: 4 })
  })

  it('begins again after whatever failed, and finds its games after a restart', async () => {
    const { challenge, playing, facts, take, says } = scene()
    facts.fails = 1
    challenge(hash('c0'))
    const first = take()
    await first.pass()
    await expect.poll(() => playing.length, { timeout: 10_000 }).toBe(1)
    expect(says()).toContain('a game could not be played on; trying again')
    await first.stop()
    expect(playing[0]!.signal.aborted).toBe(true)

    journal.close()
    journal = openJournal(folder)
    await take().pass()
    await expect.poll(() => playing.length).toBe(2)
  })

  it('leaves a case that a reorganisation took back, and takes it up when it is there again', async () => {
    const { challenge, playing, facts, take, open, says } = scene()
    facts.fails = 1
    challenge(hash('c0'))
    const defence = take()
    await defence.pass()
    const [found] = open.splice(0, 1)
    await defence.pass()
    facts.fails = 1
    await expect.poll(() => defence.status().games, { timeout: 10_000 }).toEqual([])
    expect(says().at(-1)).toMatch('no such dispute any more')
    facts.fails = 0
    open.push(found!)
    await defence.pass()
    await expect.poll(() => playing.length).toBe(1)
  })

  it('asks the matcher for what its journal lost, and believes it nothing', async () => {
    const { challenge, playing, facts, take, lease, view } = scene()
    const { terms } = journal.lease(lease)!
    journal.close()
    rmSync(join(folder, 'agent.sqlite'))
    journal = openJournal(folder)
    journal.addLease(lease, terms)
    challenge(hash('c0'))
    await take().pass()
    await expect.poll(() => playing.length).toBe(1)
    expect(await playing[0]!.tracer.ending()).toEqual(facts.ending)
    expect(facts.blobs).toBe(2)
    expect(journal.job(view.id)).toBeUndefined()

    facts.ending = { ...facts.ending, programRoot: hash('ee') }
    await defence!.stop()
    await take().pass()
    await expect.poll(() => playing.length).toBe(2)
    await expect(playing[1]!.tracer.ending()).rejects.toThrow('The bytes at hand are the program')
  })

  it('alters a liar’s run as its result’s was, and no other', async () => {
    const { challenge, playing, sources, take, result, lease } = scene()
    const { terms } = journal.lease(lease)!
    const job = journal.jobAt(lease, 0)!
    journal.close()
    rmSync(join(folder, 'agent.sqlite'))
    journal = openJournal(folder)
    journal.addLease(lease, terms)
    journal.addJob(job.id, job.ticket, undefined)
    const tamper = { step: 5n, field: 'stack', seed: 1 } as const
    journal.settleResult(result, Uint8Array.of(), 1n, { tamper })
    challenge(hash('c0'))
    challenge(hash('c1'), { result: hash('dd') })
    await take().pass()
    await expect.poll(() => playing.length).toBe(2)
    for (const { tracer } of playing) await tracer.ending()
    expect(sources.map((source) => source.tamper)).toEqual([tamper, undefined])
  })

  it('says that a result which its run does not come to cannot be defended', async () => {
    const { challenge, playing, facts, take, says } = scene()
    facts.ending = { ...facts.ending, fuelUsed: 8n }
    challenge(hash('c0'))
    await take().pass()
    await expect.poll(() => playing.length).toBe(1)
    await playing[0]!.tracer.ending()
    expect(says().at(-1)).toMatch('cannot be defended')
  })

  it('has the money’s keeper ask about a lease that ended and is contested all the same', async () => {
    const { challenge, playing, take, settled, lease } = scene()
    journal.restLease(lease)
    challenge(hash('c0'))
    const defence = take()
    await defence.pass()
    expect([settled, playing]).toEqual([[lease], []])
    journal.wakeLease(lease)
    await defence.pass()
    await expect.poll(() => playing.length).toBe(1)
  })

  it('leaves to an arbiter what one rules, other leases to their providers, and games of leases that are over', async () => {
    const { challenge, playing, take, says, lease } = scene()
    challenge(hash('c0'), { provable: false })
    challenge(hash('c1'), { lease: hash('99') })
    challenge(hash('c2'))
    const defence = take()
    await defence.pass()
    await expect.poll(() => playing.map(({ caseId }) => caseId)).toEqual([hash('c2')])
    await delay(10)
    expect(says().filter((line) => line === 'a result was challenged')).toHaveLength(2)
    journal.endLease(lease)
    await defence.pass()
    await expect.poll(() => defence.status().games).toEqual([])
    expect(playing[0]!.signal.aborted).toBe(true)
  })
})
