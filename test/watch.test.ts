/** Somebody who only watches: finds a lie, proves it whatever becomes of its process, and is paid for it. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  challenge,
  type GameView,
  getJob,
  getLease,
  type JobView,
  type LeaseView,
  type MarketEvent,
  readGame,
  schemeLeaf,
} from '@millrace/sdk'
import { disputesAbi } from '@millrace/sdk/abi'
import { type Address, type Hex, zeroAddress } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { EXAMPLES } from '../examples/catalog.ts'
import { placeBid } from './support/bids.ts'
import { chainOf, changes, freeOf, warpTo } from './support/chain.ts'
import { answer, folderOf, millrace } from './support/commandLine.ts'
import { listen } from './support/events.ts'
import { lookUntil } from './support/lookUntil.ts'
import { collateralFor } from './support/money.ts'
import { enter, type Person } from './support/people.ts'
import { restartUntil } from './support/processes.ts'
import { HELLO } from './support/programs.ts'
import { useStack } from './support/stack.ts'

const stack = useStack({ providers: ['provider1', 'liar'], arbiter: false, watcher: true })
const watcher = () => stack().watcher!

const FUEL = 100_000_000n
/** Generous: a clock must not decide what a test is about. Seconds. */
const TIMES = { window: 3_600, disputeLimit: 3_600 }

let tasker: Person
beforeAll(async () => {
  tasker = await enter(stack(), stack().accounts.tasker)
})

const purses = () => {
  const { liar, watcher } = stack().accounts
  return freeOf(stack(), { tasker: tasker.address, liar: liar.address, watcher: watcher.address })
}

/** Of a collateral that no arbiter has a part of: 70 %, 10 %, and the rest. */
function slashOf(collateral: bigint) {
  const [toTasker, toWinner] = [(collateral * 7_000n) / 10_000n, (collateral * 1_000n) / 10_000n]
  return { toTasker, toWinner, burned: collateral - toTasker - toWinner }
}

describe('an honest result', () => {
  it('is run again and found right', async () => {
    const { job } = await resultOf(stack().accounts.provider1.address)
    await logged(({ msg, job: of }) => of === job.id && msg.startsWith('right'))
    expect(await casesIn(job.lease)).toEqual([])
  })
})

describe('a lie', () => {
  it('is found, contested and proven, with the watcher killed −9 after every step', async () => {
    const before = await purses()
    const found = await restartUntil(watcher(), 'found')
    const { job, lease } = await resultOf(stack().accounts.liar.address)
    await found.died
    expect(await casesIn(lease.id)).toEqual([])

    // What the chain takes back, it does again: the same challenge in another block is another case.
    const chain = chainOf(stack())
    const snapshot = await chain.snapshot()
    const moved = await restartUntil(watcher(), 'split')
    await moved.died
    const [lost] = await casesIn(lease.id)
    await chain.revert({ id: snapshot })
    expect(await casesIn(lease.id)).toEqual([])

    const challenged = await restartUntil(watcher(), 'challenged')
    await challenged.died
    const [caseId] = (await casesIn(lease.id)) as [Hex]
    expect(caseId).not.toBe(lost)
    expect(await shown(caseId)).toMatch(/the provider says +exited .*\n.*a run here says +exited/)

    let game = await gameWhere(caseId, isChallengersTurn)
    expect(await shown(caseId)).toMatch(/next +the challenger is to pick/)
    const kills: string[] = []
    while (game.state !== 'ended') {
      const point = game.state === 'prove' ? 'proved' : 'split'
      // A liar that is to answer single steps has no answer: its clock decides.
      if (game.turn === 'provider') await warpTo(stack(), game.deadline)
      const { died } = await restartUntil(watcher(), point)
      await (game.turn === 'provider' ? told(lease.id, 'lease.slashed') : died)
      kills.push(point)
      game = await gameWhere(caseId, (view) => isChallengersTurn(view) || view.state === 'prove')
      const text = await shown(caseId)
      if (game.level === 0) expect(text).toMatch(/step [\d,]+, in .*\n(.*\n)+.*after, by the provider/)
    }
    expect(kills).toContain('split')
    expect(game.loser).toBe('provider')

    await watcher().restart()
    await told(lease.id, 'lease.slashed')
    expect(await casesIn(lease.id)).toEqual([caseId])
    const { toTasker, toWinner, burned } = slashOf(collateralFor(FUEL, 'liar'))
    expect(changes(before, await purses())).toEqual({
      ...{ tasker: toTasker, watcher: toWinner, burned },
      liar: -collateralFor(FUEL, 'liar'),
    })
    const won = await logged(({ case: of, outcome }) => of === caseId && outcome !== undefined)
    expect(won).toMatchObject({ job: job.id, outcome: 'guilty', taken: toWinner.toString() })
    expect(await shown(caseId)).toMatch(/guilty: the result was wrong(.*\n)+ended +the challenger won/)
    expect(await shown(caseId, '--no-trace')).toContain('the challenger won')
  }, 600_000)

  it('that its tasker proves first costs the watcher nothing', async () => {
    const before = await purses()
    const { died } = await restartUntil(watcher(), 'challenged')
    const { job, lease } = await resultOf(stack().accounts.liar.address)
    await died
    const { caseId } = await contest(job, lease)
    // A case is open: another watcher waits.
    const waiting = await watchOnce()
    expect(waiting.lies).toMatchObject([{ job: job.id, state: 'wrong' }])

    const played = await answer<Played>(stack(), ['dispute', 'play', caseId, '--as', 'challenger'])
    expect(played).toMatchObject({ ok: true, verdict: 'guilty', exitCode: 0 })
    expect(played.moves.some(({ by }) => by === 'challenger')).toBe(true)
    await told(lease.id, 'lease.slashed')

    await watcher().restart()
    const moot = await logged(({ job: of, outcome }) => of === job.id && outcome !== undefined)
    expect(moot).toMatchObject({ outcome: 'moot', taken: '0' })
    expect(changes(before, await purses())).toMatchObject({ watcher: 0n })
    await watcher().stop()
    const after = await watchOnce()
    expect(after.lies).toEqual([])
    expect(after.results).toMatchObject({ over: 1 })
    const { disputes } = await answer<{ disputes: { id: Hex }[] }>(stack(), ['dispute', 'list'])
    expect(disputes[0]!.id).toBe(caseId)
  })

  it('is left open on Ctrl-C, which names it, and played on by the next start', async () => {
    const { job, lease } = await resultOf(stack().accounts.liar.address)
    const stopped = await millrace(stack(), watchWords('left'), { terminal: true, interruptAt: 'challenged' })
    expect(stopped.stderr).toMatch(/challenged +job .* bond [\d.]+ TEST +reward 0\.015 TEST/)
    const [caseId] = await casesIn(lease.id)
    expect(stopped.stdout).toContain(`Case ${caseId} is open, and its clock runs`)
    const { lies, results } = await answer<Watched>(stack(), [...watchWords('left'), '--once', '--quiet'])
    expect({ lies, over: results.over }).toEqual({ lies: [], over: 1 })
    await told(lease.id, 'lease.slashed')
    expect(await getJob(tasker.client, { job: job.id })).toMatchObject({ state: 'slashed' })
  })

  it('is not contested where it could not be proven, and loses no bond', async () => {
    await watcher().stop()
    const { job, lease } = await resultOf(stack().accounts.liar.address)
    // Where states of its run would be kept, there is no folder.
    const traces = join(folderOf(stack()), 'unfit', 'traces')
    mkdirSync(dirname(traces))
    writeFileSync(traces, '')
    const unfit = await answer<Watched>(stack(), [...watchWords('unfit'), '--once', '--quiet'])
    expect(unfit.lies).toMatchObject([{ job: job.id, state: 'wrong' }])
    expect(await casesIn(lease.id)).toEqual([])

    rmSync(traces)
    const fit = await answer<Watched>(stack(), [...watchWords('unfit'), '--once', '--quiet'])
    expect(fit.lies).toEqual([])
    expect(await casesIn(lease.id)).toHaveLength(1)
  })

  it('is proven by `run --verify` too, which says so', async () => {
    const hello = fileURLToPath(EXAMPLES.find(({ name }) => name === 'hello')!.module)
    const { liar } = stack().accounts
    const words = ['run', hello, '--provider', liar.address, '--verify', '--fuel', '50M']
    const { exitCode, stderr, stdout } = await millrace(stack(), words)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/challenged .*\n(.*\n)*moved .*\n(.*\n)*ruled +guilty, proven/)
    expect(exitCode).toBe(115)
  })

  it('is left alone where an arbiter judges, and shown for what it is', async () => {
    const arbiter = tasker.market.schemes.find((scheme) => scheme.arbiter !== zeroAddress)!
    const { job, lease } = await resultOf(stack().accounts.liar.address, schemeLeaf(arbiter))
    expect((await watchOnce()).results).toMatchObject({ skipped: expect.any(Number) })
    const { caseId } = await contest(job, lease)
    expect(await shown(caseId)).toMatch(/judged +by 0x.*\n(.*\n)+rule by/)
    const playing = await millrace(stack(), ['dispute', 'play', caseId, '--as', 'challenger'])
    expect(playing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('an arbiter') })
  })
})

describe('a watcher with a game', () => {
  it('plays it on though the matcher is away, even at its start', async () => {
    const { died } = await restartUntil(watcher(), 'challenged')
    const { lease } = await resultOf(stack().accounts.liar.address)
    await died
    const [caseId] = (await casesIn(lease.id)) as [Hex]
    await stack().matcher.stop()
    await watcher().restart()
    await gameWhere(caseId, ({ moves }) => moves.some(({ by }) => by === 'challenger'))
    await watcher().stop()
    await stack().matcher.restart()
  })
})

describe('a challenge without cause', () => {
  it('is answered by hand where the provider’s agent is gone', async () => {
    const { providers, keystores, accounts } = stack()
    const { job, lease } = await resultOf(accounts.provider1.address)
    await providers.provider1!.stop()
    const { caseId } = await contest(job, lease)
    const key = ['--keystore', keystores.files.provider1, '--password-file', keystores.passwordFile]
    const playing = answer<Played>(stack(), ['dispute', 'play', caseId, '--as', 'provider', ...key])
    const { deadline } = await gameWhere(caseId, isChallengersTurn)
    expect(await shown(caseId)).toMatch(/provider +defence .*\n(.*\n)+next +the challenger is to pick/)
    await warpTo(stack(), deadline)
    expect(await playing).toMatchObject({ ok: true, verdict: 'clean', proven: false, exitCode: 0 })
    expect(await shown(caseId)).toMatch(/clean: the challenger did not show/)
  })
})

interface Played {
  ok: boolean
  verdict: string
  moves: { kind: string; by: string }[]
}

interface Watched {
  results: Record<string, number>
  lies: { job: Hex; state: string }[]
}

/** The watcher's account, with a journal of its own. */
function watchWords(folder: string): string[] {
  const { files, passwordFile } = stack().keystores
  const key = ['--keystore', files.watcher, '--password-file', passwordFile]
  return ['watch', ...key, '--data-dir', join(folderOf(stack()), folder)]
}

const watchOnce = () => answer<Watched>(stack(), [...watchWords('watched'), '--once', '--quiet'])

/** A job with its result, for which its tasker signs nothing. */
async function resultOf(provider: Address, scheme?: Hex): Promise<{ job: JobView; lease: LeaseView }> {
  const { digest } = await placeBid(stack(), tasker, { ...HELLO, ...TIMES, fuel: FUEL, provider, scheme })
  const events = listen(stack(), { order: digest })
  const { data } = await events.ofType('job.result')
  events.stop()
  return { job: data, lease: await getLease(tasker.client, { lease: data.lease }) }
}

/** Resolves when the matcher knows of it. */
async function contest({ ticket, result }: JobView, { id, terms, scheme }: LeaseView) {
  const evidence = {
    ...{ ticket, ticketSignature: '0x' as const },
    ...{ result: result!.result, resultSignature: result!.signature },
  }
  const opened = await challenge(tasker.client, { terms, scheme, evidence })
  await told(id, 'dispute.opened')
  return opened
}

/** Cases that were ever opened in a lease, from the chain. */
async function casesIn(lease: Hex): Promise<Hex[]> {
  const { disputes: address } = tasker.market.contracts
  const query = { address, abi: disputesAbi, eventName: 'DisputeOpened', args: { lease } } as const
  const logs = await chainOf(stack()).getContractEvents({ ...query, fromBlock: 0n })
  return logs.map(({ args }) => args.caseId!)
}

const isChallengersTurn = ({ state, turn }: GameView) => state === 'ended' || turn === 'challenger'

const gameWhere = (caseId: Hex, matches: (view: GameView) => boolean): Promise<GameView> =>
  lookUntil(`game ${caseId} where ${matches}`, () => readGame(tasker.client, { caseId }), matches)

async function shown(caseId: Hex, ...words: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await millrace(stack(), ['dispute', 'show', caseId, ...words])
  expect(stderr).toBe('')
  expect(exitCode).toBe(0)
  return stdout
}

interface LogLine {
  readonly msg: string
  readonly job?: Hex
  readonly case?: Hex
  readonly outcome?: string
}

/** The first line of the watcher's log that matches, as soon as it is there. */
async function logged(matches: (line: LogLine) => boolean): Promise<LogLine> {
  const lines = await lookUntil(`line of the log where ${matches}`, readLog, (all) => all.some(matches))
  return lines.find(matches)!
}

function readLog(): LogLine[] {
  const text = existsSync(watcher().logFile) ? readFileSync(watcher().logFile, 'utf8') : ''
  const whole = text.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'))
  return whole.map((line) => JSON.parse(line) as LogLine).filter(({ msg }) => msg)
}

async function told(lease: Hex, type: MarketEvent['type']): Promise<void> {
  const events = listen(stack(), { lease })
  await events.ofType(type)
  events.stop()
}
