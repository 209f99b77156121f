/** Whole games on the real contracts: the agent's side as it is, challengers that play what they like. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { buildProgram } from '@millrace/machine'
import { findLie } from '@millrace/machine/steps'
import { openTracer } from '@millrace/runner'
import type { OpenedCase, Tracer } from '@millrace/sdk'
import { disputesAbi } from '@millrace/sdk/abi'
import pino from 'pino'
import type { Hex } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { assembleWasi, HELLO } from '../../../runner/src/fixtures/programs.ts'
import { START_TIMEOUT } from '../../../sdk/test/chain.ts'
import { connectDisputes } from '../src/connect/disputes.ts'
import { createDefence, type Defence } from '../src/defence/defence.ts'
import type { FaultPoint } from '../src/fault.ts'
import { type Journal, openJournal } from '../src/journal/journal.ts'
import { freeze } from '../src/journal/values.ts'
import { type Arena, CHALLENGER, type Commission, openArena, PROVIDER, playChallenger } from './arena.ts'

const MAIN = fileURLToPath(new URL('./defenceMain.ts', import.meta.url))
const GAME_LIMIT = 120_000

/** Some 100,000 steps: a game of four levels, so that the challenger's split is the one of single steps. */
const LOOP = assembleWasi(`(func (export "_start") (local i32)
  (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 8000))))
  (call $say))`)

let arena: Arena
beforeAll(async () => {
  arena = await openArena()
}, START_TIMEOUT)
afterAll(() => arena.close())

let folder: string
let journal: Journal | undefined
let stop: AbortController
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-games-'))
  stop = new AbortController()
})
const running: { stop(): Promise<void> }[] = []
afterEach(async () => {
  stop.abort()
  for (const each of running.splice(0)) await each.stop()
  journal?.close()
  journal = undefined
  rmSync(folder, { recursive: true })
})

/** An agent in this process, that looks every few milliseconds. */
async function defend(): Promise<{ defence: Defence; says: string[]; processes: () => number }> {
  journal ??= openJournal(folder)
  const says: string[] = []
  let processes = 0
  const defence = createDefence({
    ...{ journal, places: 1, schemes: arena.market.schemes, onSettled: () => {} },
    disputes: await connectDisputes(arena.client(PROVIDER)),
    matcher: { fetchBlob: () => Promise.reject(new Error('no matcher here')) },
    openTrace: (source) => {
      processes++
      return openTracer({ ...source, memoryPages: 64, dir: join(folder, 'traces') })
    },
    log: pino({ base: undefined }, { write: (line: string) => void says.push(JSON.parse(line).msg) }),
  })
  let ended = false
  const looking = (async () => {
    while (!ended) {
      await defence.pass().catch((error: Error) => says.push(error.message))
      await delay(20)
    }
  })()
  running.push({
    stop: async () => {
      ended = true
      await looking
      await defence.stop()
    },
  })
  return { defence, says, processes: () => processes }
}

/** How a dispute was settled, once it is. */
async function outcomeOf({ caseId }: OpenedCase): Promise<'guilty' | 'clean' | 'timed-out' | 'moot'> {
  const { publicClient, contracts } = arena.chain
  const query = { address: contracts.disputes, abi: disputesAbi, eventName: 'DisputeSettled' } as const
  for (;;) {
    const [settled] = await publicClient.getContractEvents({ ...query, args: { caseId }, fromBlock: 0n })
    if (settled) return (['guilty', 'clean', 'timed-out', 'moot'] as const)[settled.args.outcome!]!
    await delay(20)
  }
}

/** A run that is altered at some step, as a challenger without cause would show it. */
const alteredRun = (work: Commission, step: bigint, field: 'stack' | 'memory' | 'fuel' = 'stack') =>
  work.trace({ step, field, seed: 1 })

/**
 * Lets challengers' clocks run out, where nothing else happens any more: only while every game waits for its challenger,
 * so that the agent may be as slow as it likes.
 */
async function hurry(cases: readonly OpenedCase[]): Promise<void> {
  const { chain } = arena
  const disputes = await connectDisputes(arena.client(PROVIDER))
  let quietSince = Date.now()
  let height = 0n
  for (;;) {
    const views = await Promise.all(cases.map(({ caseId }) => disputes.game(caseId)))
    const open = views.filter(({ state }) => state !== 'ended')
    if (open.length === 0) break
    const now = await chain.publicClient.getBlockNumber({ cacheTime: 0 })
    if (now !== height || open.some(({ turn }) => turn === 'provider')) quietSince = Date.now()
    height = now
    if (Date.now() - quietSince > 1_000) {
      const [deadline] = open.map((view) => view.deadline).sort((x, y) => Number(x - y))
      if (deadline! > (await chain.now())) await chain.warp(deadline!)
      quietSince = Date.now()
    }
    await delay(50)
  }
}

const play = (index: number, opened: OpenedCase, tracer: Tracer) =>
  playChallenger(arena, index, opened, tracer, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error
  })

describe('an honest provider', () => {
  it(
    'wins against ten at once, of whom each plays another untruth, with one run for all of them',
    async () => {
      const work = await arena.commission(HELLO)
      journal = openJournal(folder)
      work.journalIn(journal)
      const { says, processes } = await defend()
      const cases: OpenedCase[] = []
      const games: Promise<unknown>[] = []
      for (let i = 0; i < 10; i++) {
        const opened = await work.contest(CHALLENGER + i)
        cases.push(opened)
        // Every third says nothing at all.
        if (i % 3 === 2) continue
        const tracer = await alteredRun(
          work,
          1n + 210n * BigInt(i),
          (['stack', 'memory', 'fuel'] as const)[i % 3],
        )
        games.push(play(CHALLENGER + i, opened, tracer))
      }
      await hurry(cases)
      expect(await Promise.all(cases.map(outcomeOf))).toEqual(cases.map(() => 'clean'))
      await Promise.all(games)
      expect(processes()).toBe(1)
      await expect.poll(() => says.filter((line) => line === 'a dispute was won').length).toBe(10)
    },
    GAME_LIMIT,
  )

  it(
    'wins where it is killed after every move of its own, and started again',
    async () => {
      const work = await arena.commission(HELLO)
      journal = openJournal(folder)
      work.journalIn(journal)
      journal.close()
      journal = undefined
      const [played, silent] = [await work.contest(CHALLENGER), await work.contest(CHALLENGER + 1)]
      const game = play(CHALLENGER, played, await alteredRun(work, 1_000n))
      // Each point in turn; what was done before a death is not done again.
      for (const point of ['challenged', 'defended', 'split'] as const) await dieAt(point)
      const ended = finish()
      await hurry([played, silent])
      expect(await Promise.all([played, silent].map(outcomeOf))).toEqual(['clean', 'clean'])
      await game
      expect(await ended).toBe(0)
    },
    GAME_LIMIT,
  )

  it.each(['proved', 'timed-out'] as const)(
    'is killed after the last move, %s, and settles when it is back',
    async (point) => {
      const work = await arena.commission(LOOP)
      journal = openJournal(folder)
      work.journalIn(journal)
      journal.close()
      journal = undefined
      const opened = await work.contest(CHALLENGER)
      const game = point === 'proved' ? play(CHALLENGER, opened, await alteredRun(work, 1_000n)) : undefined
      await Promise.all([dieAt(point), hurry([opened])])
      expect(await finish()).toBe(0)
      expect(await outcomeOf(opened)).toBe('clean')
      await game
    },
    GAME_LIMIT,
  )

  it(
    'moves again where the chain took its move back',
    async () => {
      const work = await arena.commission(HELLO)
      journal = openJournal(folder)
      work.journalIn(journal)
      const opened = await work.contest(CHALLENGER)
      const snapshot = await arena.request<Hex>('evm_snapshot')
      const { says } = await defend()
      await movesOf(opened, 1)
      expect(await arena.request('evm_revert', [snapshot])).toBe(true)
      const game = play(CHALLENGER, opened, await alteredRun(work, 1_000n))
      await hurry([opened])
      expect(await outcomeOf(opened)).toBe('clean')
      await game
      await expect.poll(() => says.at(-1)).toBe('a dispute was won')
    },
    GAME_LIMIT,
  )
})

describe('a development liar', () => {
  it(
    'plays its lie to the end, and loses',
    async () => {
      const { canonical } = buildProgram(HELLO)
      const honest = await arena.commission(HELLO)
      const { fuel, outputMax } = honest.job
      const lie = (await findLie({
        ...{
          program: canonical,
          input: honest.input,
          limits: { fuel, outputMax: BigInt(outputMax) },
          seed: 1,
        },
      } as never))!
      const { status, fuelUsed } = lie.ending
      const work = await arena.commission(HELLO, {
        lie: { tamper: lie.tamper, status, fuelUsed, output: lie.output },
      })
      journal = openJournal(folder)
      work.journalIn(journal)
      const { says } = await defend()
      const opened = await work.contest(CHALLENGER)
      const game = play(CHALLENGER, opened, await work.trace())
      await hurry([opened])
      expect(await outcomeOf(opened)).toBe('guilty')
      await game
      expect(says).toContain('defended a result: showed how its run begins and ends')
      await expect.poll(() => says.at(-1)).toBe('a dispute was lost')
    },
    GAME_LIMIT,
  )
})

/** Waits until the provider has made so many moves in a game. */
async function movesOf(opened: OpenedCase, count: number): Promise<void> {
  const disputes = await connectDisputes(arena.client(PROVIDER))
  await expect
    .poll(
      async () => (await disputes.game(opened.caseId)).moves.filter(({ by }) => by === 'provider').length,
      {
        timeout: 60_000,
      },
    )
    .toBeGreaterThanOrEqual(count)
}

/** Starts the agent's process. */
function start(faultPoint?: FaultPoint): ChildProcess {
  const child = spawn(process.execPath, [MAIN, folder, arena.rpc, `${arena.position(PROVIDER)}`], {
    env: { PATH: process.env.PATH, MILLRACE_DEV: '1', ...(faultPoint && { FAULT_AT: faultPoint }) },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  running.push({
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    },
  })
  child.stdin!.end(freeze(arena.market))
  return child
}

async function dieAt(point: FaultPoint): Promise<void> {
  const child = start(point)
  const log = text(child.stdout!)
  const [, signal] = await once(child, 'exit')
  expect(signal, `${point}: ${await log}`).toBe('SIGKILL')
}

async function finish(): Promise<number | null> {
  const child = start()
  child.stdout!.resume()
  const [code] = await once(child, 'exit')
  return code as number | null
}
