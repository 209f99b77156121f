/** An honest provider whose result three people contest at once: killed in the middle of it, it wins and is paid. */
import {
  challenge,
  type GameView,
  getLease,
  inputBytes,
  type JobView,
  type LeaseView,
  localTracer,
  playGame,
  readGame,
} from '@millrace/sdk'
import { type Hex, zeroAddress } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { placeBid } from './support/bids.ts'
import { balanceOf, booksOf, changes, freeOf, warpTo } from './support/chain.ts'
import { listen } from './support/events.ts'
import { owedFor, shares } from './support/money.ts'
import { newcomer, type Person } from './support/people.ts'
import { restartUntil } from './support/processes.ts'
import { HELLO } from './support/programs.ts'
import { useStack } from './support/stack.ts'

const stack = useStack({ providers: ['provider1'], arbiter: false })
const provider = () => stack().accounts.provider1

const FUEL = 100_000_000n
/** Generous: a clock must not decide what a test is about. Seconds. */
const TIMES = { window: 3_600, disputeLimit: 3_600, time: 600 }

let tasker: Person
let challengers: Person[]
beforeAll(async () => {
  tasker = await newcomer(stack())
  challengers = [await newcomer(stack()), await newcomer(stack()), await newcomer(stack())]
})

const purses = () =>
  freeOf(stack(), {
    ...{ tasker: tasker.address, provider: provider().address, treasury: stack().accounts.treasury.address },
    ...Object.fromEntries(challengers.map(({ address }, i) => [`challenger ${i}`, address])),
  })

describe('an honest provider', () => {
  it('answers every challenge by itself, over its own death, and is paid with most of their bonds', async () => {
    const before = await purses()
    const { died } = await restartUntil(stack().providers.provider1!, 'defended')
    const { job, lease, order } = await resultOf()
    // Each puts up once more than the one before: two play runs that were altered, one says nothing.
    const cases: { caseId: Hex; bond: bigint }[] = []
    for (const challenger of challengers) cases.push(await contest(challenger, job, lease))
    const bonds = cases.map(({ bond }) => bond)
    expect(bonds).toEqual([1n, 2n, 3n].map((times) => times * lease.terms.bond))
    await died

    await stack().providers.provider1!.restart()
    const games = [300n, 900n].map(async (step, i) => {
      const { fuel, outputMax } = job.ticket.job
      const tamper = { step, field: 'stack', seed: 1 } as const
      const [{ program }, input] = [HELLO, inputBytes(HELLO)]
      const tracer = await localTracer({ program, input, fuel, outputMax, tamper })
      return playGame(challengers[i]!.client, { caseId: cases[i]!.caseId, side: 'challenger', tracer })
    })
    await endGames(cases.map(({ caseId }) => caseId))
    for (const { verdict } of await Promise.all(games)) expect(verdict).toBe('clean')
    const told = listen(stack(), { lease: lease.id })
    await told.until(
      'third settled dispute',
      () => told.seen.filter(({ type }) => type === 'dispute.settled').length === 3,
    )
    told.stop()

    const report = await tasker.resume({ order })
    const { cost, earned, fees } = shares(owedFor(job.result!.result.fuelUsed, 'provider1'))
    expect(report).toMatchObject({ status: 'exited', paid: cost, settled: true })
    const forfeited = bonds.reduce((sum, bond) => sum + bond)
    const toProvider = bonds.reduce((sum, bond) => sum + (bond * 8_000n) / 10_000n, 0n)
    expect(changes(before, await purses())).toEqual({
      ...{ tasker: -cost, provider: earned + toProvider, treasury: fees, burned: forfeited - toProvider },
      ...Object.fromEntries(bonds.map((bond, i) => [`challenger ${i}`, -bond])),
    })
    expect(await balanceOf(stack(), provider().address)).toMatchObject({ locked: 0n })
    const books = await booksOf(stack(), [stack().accounts.treasury.address])
    expect(books).toMatchObject({ locked: 0n, free: books.deposited - books.burned, held: books.deposited })
  })

  it('needs no matcher for it, not even to start', async () => {
    const { job, lease } = await resultOf()
    const { matcher, providers } = stack()
    await providers.provider1!.stop()
    const { caseId } = await contest(challengers[0]!, job, lease)
    await matcher.stop()
    const restarted = providers.provider1!.restart()
    await endGames([caseId])
    await matcher.restart()
    await restarted
    expect(await readGame(tasker.client, { caseId })).toMatchObject({ loser: 'challenger', proven: false })
  })
})

/** A job with its result, for which its tasker signs nothing yet; whoever is right proves it. */
async function resultOf(): Promise<{ job: JobView; lease: LeaseView; order: Hex }> {
  const { digest } = await placeBid(stack(), tasker, { ...HELLO, ...TIMES, fuel: FUEL })
  const told = listen(stack(), { order: digest })
  const { data } = await told.ofType('job.result')
  told.stop()
  const lease = await getLease(tasker.client, { lease: data.lease })
  expect(lease.scheme.arbiter).toBe(zeroAddress)
  return { job: data, lease, order: digest }
}

/** Challenges with what the matcher shows to everybody. */
function contest({ client }: Person, { ticket, result }: JobView, { terms, scheme }: LeaseView) {
  const evidence = {
    ...{ ticket, ticketSignature: '0x' as const },
    ...{ result: result!.result, resultSignature: result!.signature },
  }
  return challenge(client, { terms, scheme, evidence })
}

/** Lets challengers' clocks run out, once each game waits for its challenger and none has moved for a second. */
async function endGames(cases: readonly Hex[]): Promise<void> {
  let seen = ''
  let since = Date.now()
  for (;;) {
    const games = await Promise.all(cases.map((caseId) => readGame(tasker.client, { caseId })))
    const open = games.filter(({ state }) => state !== 'ended')
    if (open.length === 0) return
    const now = JSON.stringify(games.map(({ moves }) => moves.length))
    if (now !== seen || open.some(({ turn }) => turn === 'provider')) since = Date.now()
    seen = now
    if (Date.now() - since > 1_000) {
      await warpTo(stack(), first(open))
      since = Date.now()
    }
    await new Promise((done) => setTimeout(done, 50))
  }
}

const first = (games: readonly GameView[]) =>
  games.map(({ deadline }) => deadline).reduce((least, each) => (each < least ? each : least))
