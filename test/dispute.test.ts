/** Who loses what when a result is contested: a liar, a challenger without cause, nobody where the arbiter is silent. */
import { join } from 'node:path'
import {
  challenge,
  getDispute,
  getJob,
  getLease,
  hashResult,
  type JobView,
  type LeaseView,
  type MarketEvent,
  type Phase,
  rule,
  schemeLeaf,
  timeoutDispute,
  WrongResultError,
  waitForDispute,
} from '@millrace/sdk'
import { type Address, formatUnits, type Hex, parseUnits, zeroAddress } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { placeBid } from './support/bids.ts'
import { balanceOf, booksOf, chainOf, changes, freeOf, warpTo } from './support/chain.ts'
import { answer, type Called, folderOf, millrace } from './support/commandLine.ts'
import { listen } from './support/events.ts'
import { collateralFor, owedFor, shares } from './support/money.ts'
import { enter, newcomer, type Person } from './support/people.ts'
import { HELLO } from './support/programs.ts'
import { useStack } from './support/stack.ts'

const stack = useStack({ providers: ['provider1', 'liar'] })
const liar = () => stack().accounts.liar.address
const honest = () => stack().accounts.provider1.address

const FUEL = 10_000_000_000n
/** The market's first leaf has no arbiter; these disputes go to the one that has. */
const judged = () => schemeLeaf(tasker.market.schemes.find(({ arbiter }) => arbiter !== zeroAddress)!)
const ARBITER_FEE = parseUnits('0.5', 18)
/** A bid asks for twice the arbiter's fee. */
const BOND = 2n * ARBITER_FEE

/** Of a collateral that a verdict took: 70 % of what an arbiter leaves, 10 %, and the rest. */
function slashOf(collateral: bigint, fee = ARBITER_FEE) {
  const rest = collateral - fee
  const [toTasker, toWinner] = [(rest * 7_000n) / 10_000n, (rest * 1_000n) / 10_000n]
  return { toTasker, toWinner, burned: rest - toTasker - toWinner }
}

let tasker: Person
let bystander: Person
beforeAll(async () => {
  tasker = await newcomer(stack())
  bystander = await newcomer(stack())
})

const purses = () => {
  const { provider1, liar, arbiter, treasury, watcher } = stack().accounts
  return freeOf(stack(), {
    ...{ tasker: tasker.address, bystander: bystander.address, watcher: watcher.address },
    ...{ honest: provider1.address, liar: liar.address },
    ...{ arbiter: arbiter.address, matcher: treasury.address },
  })
}
const NOTHING = {
  ...{ tasker: 0n, bystander: 0n, watcher: 0n },
  ...{ honest: 0n, liar: 0n, arbiter: 0n, matcher: 0n, burned: 0n },
}

describe('a liar', () => {
  it('is caught by running it again, and its collateral goes to the tasker', async () => {
    const before = await purses()
    const phases: Phase[] = []
    const running = tasker.run({
      ...{ ...HELLO, fuel: FUEL, provider: liar(), scheme: judged(), verify: true },
      onPhase: (phase) => phases.push(phase),
    })
    const error: unknown = await running.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(WrongResultError)
    const { facts } = error as WrongResultError & { facts: { caseId: Hex; job: Hex } }
    expect(phases.map(({ phase }) => phase)).not.toContain('paid')
    const challenged = phases.find(({ phase }) => phase === 'challenged')!
    expect(challenged.facts).toMatchObject({ caseId: facts.caseId, bond: BOND })
    expect(challenged.gas).toBeGreaterThan(0n)

    const { lease } = await getJob(tasker.client, { job: facts.job })
    const dispute = await waitForDispute(tasker.client, { caseId: facts.caseId, lease })
    expect(dispute).toMatchObject({ state: 'guilty', verdict: { guilty: true }, bond: BOND })
    await ended(lease, 'lease.slashed')

    const collateral = collateralFor(FUEL, 'liar')
    const { toTasker, toWinner, burned } = slashOf(collateral)
    expect(changes(before, await purses())).toEqual({
      ...NOTHING,
      tasker: toTasker + toWinner,
      liar: -collateral,
      arbiter: ARBITER_FEE,
      burned,
    })
    expect(await getJob(tasker.client, { job: facts.job })).toMatchObject({ state: 'slashed' })
    expect(await balanceOf(stack(), liar())).toMatchObject({ locked: 0n })
    expect((await tasker.funds()).locked).toBe(0n)
  })

  it('is caught by anybody with a bond, who earns a tenth', async () => {
    const before = await purses()
    const { job, lease } = await resultOf(tasker, liar())
    const { caseId, bond } = await contest(bystander, job, lease)
    expect(bond).toBe(BOND)
    const dispute = await waitForDispute(bystander.client, { caseId, lease: lease.id })
    expect(dispute).toMatchObject({ state: 'guilty', challenger: bystander.address })
    await ended(lease.id, 'lease.slashed')

    const collateral = collateralFor(FUEL, 'liar')
    const { toTasker, toWinner, burned } = slashOf(collateral)
    expect(changes(before, await purses())).toEqual({
      ...NOTHING,
      tasker: toTasker,
      bystander: toWinner,
      liar: -collateral,
      arbiter: ARBITER_FEE,
      burned,
    })
  })

  it('is caught by a watcher that goes to arbiters, and left alone by one that does not', async () => {
    const before = await purses()
    const { job, lease } = await resultOf(tasker, liar())
    const others = await answer(stack(), [...watchWords('proofs'), '--quiet'])
    expect(others).toMatchObject({ results: { skipped: 1 }, lies: [] })
    expect(await getJob(tasker.client, { job: job.id })).toMatchObject({ state: 'result' })

    // It rules only once the watcher waits for it.
    stack().arbiter!.pause()
    const watching = watchTo('judged', '--arbiters')
    await ended(lease.id, 'dispute.opened')
    stack().arbiter!.resume()
    const collateral = collateralFor(FUEL, 'liar')
    const { toTasker, toWinner, burned } = slashOf(collateral)
    const { stderr, stdout, exitCode } = await watching
    expect(stderr).toMatch(/challenged +job .* bond 1 TEST/)
    expect(stderr).toMatch(
      new RegExp(`won, and paid .* outcome guilty +taken ${formatUnits(toWinner, 18)} TEST`),
    )
    expect(stdout).toMatch(/In all: 0 right, 1 wrong, 0 left alone.*\n$/)
    expect(exitCode).toBe(0)
    await ended(lease.id, 'lease.slashed')
    expect(changes(before, await purses())).toEqual({
      ...NOTHING,
      tasker: toTasker,
      watcher: toWinner,
      liar: -collateral,
      arbiter: ARBITER_FEE,
      burned,
    })
  })

  it('is slashed by that watcher itself, where the arbiter rules and nobody does more', async () => {
    const before = await purses()
    const { job, lease } = await resultOf(tasker, liar())
    stack().arbiter!.pause()
    const watching = watchTo('carried-out', '--arbiters')
    const { data } = await ended(lease.id, 'dispute.opened')
    const { client } = await enter(stack(), stack().accounts.arbiter)
    stack().matcher.pause()
    await rule(client, { caseId: data.id, verdict: 'guilty', reason: '0x' })
    expect((await watching).stderr).toMatch(/won, and paid/)
    const { toWinner } = slashOf(collateralFor(FUEL, 'liar'))
    expect(changes(before, await purses())).toMatchObject({ watcher: toWinner, arbiter: ARBITER_FEE })

    stack().matcher.resume()
    stack().arbiter!.resume()
    await ended(lease.id, 'lease.slashed')
    expect(await getJob(tasker.client, { job: job.id })).toMatchObject({ state: 'slashed' })
  })
})

describe('a liar whom nobody judges', () => {
  it('loses to its tasker’s proof, and no arbiter is paid', async () => {
    const before = await purses()
    const phases: Phase[] = []
    const running = tasker.run({
      ...{ ...HELLO, fuel: FUEL, provider: liar(), verify: 'rerun' as const },
      onPhase: (phase) => phases.push(phase),
    })
    const error: unknown = await running.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(WrongResultError)
    const { facts } = error as WrongResultError & { facts: { caseId: Hex; job: Hex } }
    expect(facts).toMatchObject({ verdict: 'guilty', proven: true, step: expect.any(BigInt) })
    const moves = phases.filter(({ phase }) => phase === 'moved')
    expect(moves[0]!.facts).toMatchObject({ by: 'provider', kind: 'defend' })
    expect(moves.at(-1)!.facts).toMatchObject({ by: 'challenger', kind: 'prove' })
    for (const { gas } of moves) expect(gas).toBeGreaterThan(0n)

    const { lease } = await getJob(tasker.client, { job: facts.job })
    await ended(lease, 'lease.slashed')
    const shown = await getDispute(tasker.client, { caseId: facts.caseId })
    expect(shown).toMatchObject({
      state: 'guilty',
      game: { state: 'ended', loser: 'provider', proven: true },
    })
    expect(shown.game!.moves).toHaveLength(moves.length)

    const collateral = collateralFor(FUEL, 'liar')
    const { toTasker, toWinner, burned } = slashOf(collateral, 0n)
    expect(changes(before, await purses())).toEqual({
      ...{ ...NOTHING, tasker: toTasker + toWinner, liar: -collateral, burned },
    })
  })
})

describe('a challenge without cause', () => {
  it('costs its bond, and the provider is paid all the same', async () => {
    const before = await purses()
    const { job, lease, order } = await resultOf(tasker, honest())
    const { caseId } = await contest(bystander, job, lease)
    const dispute = await waitForDispute(bystander.client, { caseId, lease: lease.id })
    expect(dispute).toMatchObject({ state: 'clean', verdict: { guilty: false } })
    await ended(lease.id, 'dispute.settled')

    const report = await tasker.resume({ order })
    const { cost, earned, fees } = shares(owedFor(job.result!.result.fuelUsed, 'provider1'))
    expect(report).toMatchObject({ status: 'exited', paid: cost, settled: true })
    const rest = BOND - ARBITER_FEE
    const toProvider = (rest * 8_000n) / 10_000n
    expect(changes(before, await purses())).toEqual({
      tasker: -cost,
      bystander: -BOND,
      watcher: 0n,
      honest: earned + toProvider,
      liar: 0n,
      arbiter: ARBITER_FEE,
      matcher: fees,
      burned: rest - toProvider,
    })
  })
})

describe('an arbiter that is silent', () => {
  it('costs nobody anything: the case ends by time, by anyone, without the matcher', async () => {
    await stack().arbiter!.kill()
    const before = await purses()
    const { job, lease } = await resultOf(tasker, liar(), 300)
    const { terms } = lease
    const { caseId, bond, ruleBy, receipt } = await contest(tasker, job, lease)
    const { timestamp: openedAt } = await chainOf(stack()).getBlock({ blockNumber: receipt.blockNumber })
    expect(ruleBy).toBe(openedAt + 300n)
    const { result } = job.result!
    const dispute = {
      ...{
        lease: lease.id,
        index: 0,
        result: hashResult(result),
        challenger: tasker.address,
        bond,
        openedAt,
      },
      amount: owedFor(result.fuelUsed, 'liar'),
    }

    // Its keepers would do it: here they cannot.
    stack().matcher.pause()
    await expect(timeoutDispute(bystander.client, { terms, dispute })).rejects.toMatchObject({
      code: 'not-ruled-yet',
    })
    await warpTo(stack(), ruleBy)
    await timeoutDispute(bystander.client, { terms, dispute })
    stack().matcher.resume()
    const ruled = await waitForDispute(tasker.client, { caseId, lease: lease.id })
    expect(ruled.state).toBe('timed-out')

    // The job is not paid, whatever its provider tries, and everything else goes back.
    const { deadlines } = await getLease(tasker.client, { lease: lease.id })
    await warpTo(stack(), deadlines.over + 1n)
    await ended(lease.id, 'lease.final')
    expect(changes(before, await purses())).toEqual(NOTHING)
    expect((await tasker.funds()).locked).toBe(0n)
  })

  it('is not waited for by a watcher once its time is over, though no matcher helps', async () => {
    await stack().arbiter!.kill()
    const before = await purses()
    const { lease } = await resultOf(tasker, liar(), 300)
    const watching = watchTo('unjudged', '--arbiters')
    const { data } = await ended(lease.id, 'dispute.opened')
    stack().matcher.pause()
    await warpTo(stack(), data.ruleBy)
    const { stderr } = await watching
    expect(stderr).toMatch(/nobody ruled in time; the bond is back .* outcome timed-out +taken 0 TEST/)
    expect(changes(before, await purses())).toMatchObject({ watcher: 0n })

    stack().matcher.resume()
    const { deadlines } = await getLease(tasker.client, { lease: lease.id })
    await warpTo(stack(), deadlines.over + 1n)
    await ended(lease.id, 'lease.final')
    expect(changes(before, await purses())).toEqual(NOTHING)
  })
})

describe('the money', () => {
  it('is all there to the unit: what nobody owns was burned', async () => {
    const { accounts } = stack()
    const books = await booksOf(stack(), [accounts.treasury.address])
    expect(books.locked).toBe(0n)
    expect(books.burned).toBeGreaterThan(0n)
    expect(books.free + books.burned).toBe(books.deposited)
    expect(books.held).toBe(books.deposited)
  })
})

/** A job with its result, for which its tasker signs nothing. */
async function resultOf(
  { client }: Person,
  provider: Address,
  disputeLimit?: number,
): Promise<{ job: JobView; lease: LeaseView; order: Hex }> {
  const { digest } = await placeBid(stack(), tasker, {
    ...HELLO,
    fuel: FUEL,
    provider,
    disputeLimit,
    scheme: judged(),
  })
  const told = listen(stack(), { order: digest })
  const { data } = await told.ofType('job.result')
  told.stop()
  return { job: data, lease: await getLease(client, { lease: data.lease }), order: digest }
}

/** Challenges with what the matcher shows to everybody. */
function contest({ client }: Person, { ticket, result }: JobView, { terms, scheme }: LeaseView) {
  const evidence = {
    ...{ ticket, ticketSignature: '0x' as const },
    ...{ result: result!.result, resultSignature: result!.signature },
  }
  return challenge(client, { terms, scheme, evidence })
}

/** Resolves with the event of this type, whenever it comes. */
async function ended<T extends MarketEvent['type']>(lease: Hex, type: T) {
  const told = listen(stack(), { lease })
  const event = await told.ofType(type)
  told.stop()
  return event
}

/** A watcher that looks once, with a journal of its own. */
function watchWords(journal: string): string[] {
  const { files, passwordFile } = stack().keystores
  const key = ['--keystore', files.watcher, '--password-file', passwordFile]
  return ['watch', '--once', ...key, '--data-dir', join(folderOf(stack()), journal)]
}

/** As a person sees it. */
const watchTo = (journal: string, ...words: string[]): Promise<Called> =>
  millrace(stack(), [...watchWords(journal), ...words], { terminal: true })
