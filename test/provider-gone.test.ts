/** Providers that vanish: killed with a job in hand, at every point of their work, or only the job's own process. */
import { readFileSync } from 'node:fs'
import { getJob, getLease, getOrder, type JobView, type Phase, type PhaseName } from '@millrace/sdk'
import type { Hex } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { placeBid } from './support/bids.ts'
import { balanceOf, booksOf, changes, freeOf, warpTo } from './support/chain.ts'
import { listen } from './support/events.ts'
import { owedFor, shares } from './support/money.ts'
import { newcomer, type Person } from './support/people.ts'
import { killJobProcesses, restartUntil } from './support/processes.ts'
import { HELLO, SPIN } from './support/programs.ts'
import { useStack } from './support/stack.ts'

// At one price, so that either can serve what the other one was quoted for.
const stack = useStack({
  providers: ['provider1', 'provider2'],
  providerArgs: { provider2: ['--price', '0.1'] },
  arbiter: false,
})
const first = () => stack().accounts.provider1.address
const second = () => stack().accounts.provider2.address

/** A second of a fast core: time enough to be killed in. */
const LONG = { program: SPIN, fuel: 4_000_000_000n }
const SPENT = { status: 'out-of-fuel', fuelUsed: LONG.fuel, settled: true }

let tasker: Person
beforeAll(async () => {
  tasker = await newcomer(stack())
})

const purses = () => {
  const { provider1, provider2, treasury } = stack().accounts
  return freeOf(stack(), {
    tasker: tasker.address,
    first: provider1.address,
    second: provider2.address,
    matcher: treasury.address,
  })
}

describe('a provider that is killed with jobs in hand', () => {
  it('loses them: they are matched again, within their attempts and never with the same one', async () => {
    const before = await purses()
    const { phases, reached, onPhase } = watchPhases()
    const again = tasker.run({ ...LONG, attempts: 2, time: 60, onPhase })
    const { lost, other, part } = pairOf((await reached('leased')).facts.provider)
    await reached('running')
    await part.kill()
    // Its offer stands until it expires: whoever asks for nobody else waits in vain, on a chain that stands still.
    const once = await placeBid(stack(), tasker, { ...HELLO, time: 15, provider: lost })
    const told = listen(stack(), { order: once.digest })
    const { data: expired } = await told.ofType('job.expired')
    expect(expired).toMatchObject({ state: 'expired', reason: 'no-result-in-time' })
    await expect(tasker.resume({ order: once.digest })).rejects.toMatchObject({
      code: 'job-failed',
      facts: { reason: 'no-result-in-time' },
    })
    expect((await getOrder(tasker.client, { digest: once.digest })).leases).toEqual([expired.lease])
    told.stop()

    const { lease: abandoned } = (await reached('leased')).facts as { lease: Hex }
    await warpTo(stack(), (await getLease(tasker.client, { lease: abandoned })).deadlines.end)
    const report = await again
    expect(report).toMatchObject({ ...SPENT, provider: lower(other) })
    const failed = phases.filter(({ phase }) => phase === 'failed')
    expect(failed.map(({ facts }) => facts)).toEqual([
      expect.objectContaining({ provider: lower(lost), reason: 'no-result-in-time', left: 1 }),
    ])
    const { jobs, leases } = await getOrder(tasker.client, { digest: report.order })
    expect([jobs.length, leases]).toEqual([2, [abandoned, report.lease]])
    const { cost, earned, fees } = shares(owedFor(LONG.fuel, 'provider1'))
    expect(report.paid).toBe(cost)

    // What was locked for it comes back when nobody can contest any more.
    for (const lease of [abandoned, expired.lease]) {
      await warpTo(stack(), (await getLease(tasker.client, { lease })).deadlines.over + 1n)
      await ended(lease)
    }
    expect(changes(before, await purses())).toEqual({
      ...{ tasker: -cost, matcher: fees, burned: 0n },
      ...(lost === first() ? { first: 0n, second: earned } : { first: earned, second: 0n }),
    })
    expect((await balanceOf(stack(), lost)).locked).toBe(0n)
    await part.restart()
  })
})

describe('a provider that dies at every point of one job', () => {
  it('gives one result, and is paid for it once', async () => {
    const provider = stack().providers.provider1!
    const before = await purses()
    let { died } = await restartUntil(provider, 'pull')
    const signed = Promise.withResolvers<Hex>()
    const running = tasker.run({
      ...{ ...HELLO, provider: first(), attempts: 1, time: 1_800, verify: true },
      onPhase: ({ phase, facts }) => phase === 'signed' && signed.resolve(facts.order as Hex),
    })
    const told = listen(stack(), { order: await signed.promise })
    for (const point of ['fetch', 'run', 'result', 'signed']) {
      await died
      ;({ died } = await restartUntil(provider, point))
    }
    await died
    // The result was handed in and that was not written down: it is handed in again.
    const { data } = await told.ofType('job.result')
    await provider.restart()
    const report = await running

    expect(report).toMatchObject({ status: 'exited', stdout: "Hello from somebody else's computer.\n" })
    expect(told.seen.filter(({ type }) => type === 'job.result')).toHaveLength(1)
    const { result, state, timeline } = await getJob(tasker.client, { job: report.id })
    expect({ result, state }).toEqual({ result: data.result, state: 'paid' })
    expect(timeline.filter((step) => step.state === 'result')).toHaveLength(1)
    expect((await getOrder(tasker.client, { digest: report.order })).leases).toEqual([report.lease])
    const { cost, earned, fees } = shares(owedFor(report.fuelUsed, 'provider1'))
    expect(changes(before, await purses())).toEqual({
      ...{ tasker: -cost, first: earned, second: 0n, matcher: fees, burned: 0n },
    })
    told.stop()
  })

  it('claims once, and is paid when the window is over', async () => {
    const provider = stack().providers.provider1!
    const before = await purses()
    const { digest } = await placeBid(stack(), tasker, { ...HELLO, provider: first() })
    const told = listen(stack(), { order: digest })
    const { data } = await told.ofType('job.result')
    const { terms } = await getLease(tasker.client, { lease: data.lease })
    const { died } = await restartUntil(provider, 'claimed')
    await warpTo(stack(), terms.openedAt + (terms.end - terms.openedAt) / 2n + 1n)
    await died
    await provider.restart()
    await told.ofType('lease.claimed')
    const { deadlines } = await getLease(tasker.client, { lease: data.lease })
    await warpTo(stack(), deadlines.over + 1n)
    await ended(data.lease)

    const { txs, paid } = await getLease(tasker.client, { lease: data.lease })
    expect(txs.map(({ type }) => type)).toEqual(['lease.opened', 'lease.claimed', 'lease.final'])
    const owed = owedFor((data as JobView).result!.result.fuelUsed, 'provider1')
    expect(paid).toBe(owed)
    const { cost, earned, fees } = shares(owed)
    expect(changes(before, await purses())).toEqual({
      ...{ tasker: -cost, first: earned, second: 0n, matcher: fees, burned: 0n },
    })
    told.stop()
  })
})

describe('a job’s process that dies alone', () => {
  it('is started again: the tasker sees nothing of it', async () => {
    const provider = stack().providers.provider1!
    const { phases, reached, onPhase } = watchPhases()
    const running = tasker.run({ ...LONG, provider: first(), attempts: 1, onPhase })
    await reached('running')
    killJobProcesses(provider)
    expect(await running).toMatchObject({ ...SPENT, provider: lower(first()) })
    expect(phases.filter(({ phase }) => phase === 'failed')).toEqual([])
    expect(readFileSync(provider.logFile, 'utf8')).toContain('aborted; trying once more')
  })

  it('and always again is the provider’s own trouble: it declines, and another one runs the job', async () => {
    const { phases, reached, onPhase } = watchPhases()
    const running = tasker.run({ ...LONG, attempts: 2, onPhase })
    const { lost, other, part } = pairOf((await reached('leased')).facts.provider)
    const killing = setInterval(() => killJobProcesses(part), 50)
    await reached('failed').finally(() => clearInterval(killing))
    expect(await running).toMatchObject({ ...SPENT, provider: lower(other) })
    expect(phases.find(({ phase }) => phase === 'failed')?.facts).toMatchObject({
      provider: lower(lost),
      reason: 'host-abort',
    })
  })
})

describe('the money', () => {
  it('is all there to the unit', async () => {
    const { free, burned, locked, held, deposited } = await booksOf(stack(), [
      stack().accounts.treasury.address,
    ])
    expect(free + locked + burned).toBe(deposited)
    expect(held).toBe(deposited)
  })
})

/** What a job goes through, and when it gets somewhere for the first time. */
function watchPhases() {
  const phases: Phase[] = []
  const waiting: { name: PhaseName; resolve: (phase: Phase) => void }[] = []
  return {
    phases,
    onPhase: (told: Phase) => {
      phases.push(told)
      for (const { name, resolve } of waiting) if (name === told.phase) resolve(told)
    },
    reached: (name: PhaseName) =>
      new Promise<Phase>((resolve) => {
        const past = phases.find(({ phase }) => phase === name)
        if (past) resolve(past)
        else waiting.push({ name, resolve })
      }),
  }
}

/** The provider that has the job, and the other one. */
function pairOf(provider: unknown) {
  const { provider1, provider2 } = stack().providers
  return provider === lower(first())
    ? { lost: first(), other: second(), part: provider1! }
    : { lost: second(), other: first(), part: provider2! }
}

const lower = (address: Hex): Hex => address.toLowerCase() as Hex

async function ended(lease: Hex): Promise<void> {
  const told = listen(stack(), { lease })
  await told.ofType('lease.final')
  told.stop()
}
