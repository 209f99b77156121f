/** Leases from their opening to their end, whoever falls silent in between. */
import {
  claimTree,
  demand,
  getLease,
  getOrder,
  type HeldLease,
  type JobView,
  type LeaseJobReport,
  type LeaseView,
  type MarketEvent,
} from '@millrace/sdk'
import type { Hex } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { placeBid } from './support/bids.ts'
import { balanceOf, booksOf, chainOf, changes, freeOf, warpTo } from './support/chain.ts'
import { type EventLog, listen } from './support/events.ts'
import { collateralFor, owedFor, shares } from './support/money.ts'
import { newcomer, type Person } from './support/people.ts'
import { exampleNamed, HELLO } from './support/programs.ts'
import { useStack } from './support/stack.ts'

// The cheap one has little memory: a bid that says too little about its program falls to it all the same.
const stack = useStack({
  providers: ['provider1', 'provider2'],
  providerArgs: { provider1: ['--memory', '16MiB'] },
  arbiter: false,
})
const provider = () => stack().accounts.provider2.address

const WORDCOUNT = exampleNamed('wordcount').program
/** Of one job: about twice what the word counter takes for a few words. */
const FUEL = 60_000_000n

describe('a lease for many jobs', () => {
  const JOBS = 40
  const limits = { program: WORDCOUNT, fuel: FUEL, jobs: JOBS }
  let tasker: Person
  let lease: HeldLease
  let told: EventLog

  beforeAll(async () => {
    tasker = await newcomer(stack())
    lease = await tasker.lease(limits)
    told = listen(stack(), { lease: lease.id })
  })

  it('runs them without a transaction, eight at a time, each with its own output', async () => {
    const words = Array.from({ length: JOBS }, (_, at) => `mill${'e'.repeat(at)}`)
    const ends: Pick<LeaseJobReport, 'status' | 'stdout'>[] = []
    let next = 0
    const work = async () => {
      for (let at = next++; at < JOBS; at = next++) {
        const { status, stdout } = await lease.run({ args: ['1'], stdin: `race ${words[at]} ${words[at]}` })
        ends[at] = { status, stdout }
      }
    }
    await Promise.all(Array.from({ length: 8 }, work))
    expect(ends).toEqual(
      words.map((word) => ({ status: 'exited', stdout: `3 words, 2 different\n      2  ${word}\n` })),
    )
    expect((await getLease(tasker.client, { lease: lease.id })).txs).toHaveLength(1)
  })

  it('is paid by vouchers that grow with the results, to the unit', async () => {
    const owed = lease.owed
    await told.until('voucher for all of it', (event) => isVoucherOf(event, owed))
    const results = told.seen
      .filter((event) => event.type === 'job.result')
      .map(({ data }) => data as JobView)
    expect(new Set(results.map(({ id }) => id)).size).toBe(JOBS)
    const earned = results.map(({ result }) => owedFor(result!.result.fuelUsed, 'provider2'))
    expect(owed).toBe(earned.reduce((sum, amount) => sum + amount, 0n))
    const vouchers = told.seen.flatMap((event) =>
      event.type === 'voucher.received' ? [event.data.owed] : [],
    )
    expect(vouchers).toEqual([...vouchers].sort((a, b) => (a < b ? -1 : 1)))
    expect((await getLease(tasker.client, { lease: lease.id })).voucher).toMatchObject({ owed })
  })

  it('ends by two signatures, in one transaction', async () => {
    const before = await purses({ tasker })
    const { locked } = await balanceOf(stack(), tasker.address)
    const { owed } = lease
    const { cost, earned, fees } = shares(owed)
    expect(await lease.close()).toEqual({ paid: cost, settled: true })
    expect(changes(before, await purses({ tasker }))).toEqual({
      tasker: locked - cost,
      // Its collateral comes back with the pay.
      provider: lease.terms.collateral + earned,
      matcher: fees,
      burned: 0n,
    })
    const { state, paid, txs } = await getLease(tasker.client, { lease: lease.id })
    expect({ state, paid }).toEqual({ state: 'closed', paid: owed })
    expect(txs).toHaveLength(2)
    told.stop()
  })
})

describe('an ask', () => {
  it('is filled in parts, by leases of several taskers', async () => {
    const [one, other] = [await newcomer(stack()), await newcomer(stack())]
    const options = { program: WORDCOUNT, fuel: FUEL, provider: provider() }
    const leases = await Promise.all([
      one.lease({ ...options, jobs: 3 }),
      other.lease({ ...options, jobs: 5 }),
    ])
    expect(leases.map(({ terms }) => terms.fuel)).toEqual([3n * FUEL, 5n * FUEL])
    const [digest] = leases.map(({ terms }) => terms.ask)
    expect(leases[1]!.terms.ask).toBe(digest)

    const ask = await getOrder(one.client, { digest: digest! })
    expect(ask).toMatchObject({ kind: 'ask', status: 'matched' })
    expect(ask.leases).toEqual(expect.arrayContaining(leases.map(({ id }) => id)))
    const opened = await Promise.all(ask.leases.map((lease) => getLease(one.client, { lease })))
    const filled = opened.reduce((sum, { terms }) => sum + terms.fuel, 0n)
    expect(ask.remaining).toBe((ask.kind === 'ask' ? ask.order.capacity : 0n) - filled)
    await Promise.all(leases.map((lease) => lease.close()))
  })
})

describe('a job that its provider declines', () => {
  it('is tried by another one, and costs nothing before', async () => {
    const tasker = await newcomer(stack())
    const order = await placeBid(stack(), tasker, {
      ...HELLO,
      attempts: 2,
      // The program may grow to a gibibyte; the bid says that it needs nothing.
      change: (bid) => ({ ...bid, memoryPages: 0, maxPrice: 2n * bid.maxPrice }),
    })
    const told = listen(stack(), { order: order.digest })
    const report = await tasker.resume({ order: order.digest })
    expect(report).toMatchObject({ status: 'exited', settled: true, provider: lower(provider()) })

    const declined = await told.ofType('job.declined')
    expect(declined.data).toMatchObject({
      provider: lower(stack().accounts.provider1.address),
      state: 'declined',
      reason: 'too-much-memory',
    })
    const left = await getLease(tasker.client, { lease: declined.lease! })
    expect(left).toMatchObject({ state: 'declined', paid: 0n })
    expect((await getOrder(tasker.client, { digest: order.digest })).jobs).toHaveLength(2)
    expect((await tasker.funds()).locked).toBe(0n)
    expect(report.paid).toBe(shares(owedFor(report.fuelUsed, 'provider2')).cost)
    told.stop()
  })
})

describe('when somebody falls silent', () => {
  let tasker: Person
  let shown: Finished
  let lost: Finished
  let vouched: HeldLease
  let told: EventLog
  let before: Awaited<ReturnType<typeof purses>>
  const forLease = (lease: Hex, type: MarketEvent['type']) =>
    told.until(`${type} of ${lease}`, (event) => event.type === type && event.lease === lease)

  beforeAll(async () => {
    tasker = await newcomer(stack())
    before = await purses({ tasker })
    told = listen(stack(), { account: tasker.address })
    const options = { ...HELLO, provider: provider() }
    const orders = [await placeBid(stack(), tasker, options), await placeBid(stack(), tasker, options)]
    ;[shown, lost] = (await Promise.all(orders.map(({ digest }) => finished(tasker, told, digest)))) as [
      Finished,
      Finished,
    ]
    vouched = await tasker.lease({
      program: HELLO.program,
      fuel: FUEL,
      jobs: 2,
      time: 120,
      provider: provider(),
    })
    await vouched.run()
    await told.until('voucher', (event) => isVoucherOf(event, vouched.owed))
  })

  it('the provider of a silent tasker claims on chain', async () => {
    const { openedAt, end } = lost.lease.terms
    await warpTo(stack(), openedAt + (end - openedAt) / 2n + 1n)
    for (const { lease, owed } of [shown, lost]) {
      const { data } = await forLease(lease.id, 'lease.claimed')
      expect(data).toMatchObject({ state: 'claimed', claimed: owed, paid: 0n })
    }
  })

  it('the provider answers when the tasker demands to see what it claims', async () => {
    await demand(tasker.client, { terms: shown.lease.terms, claim: claimOf(shown), index: 0 })
    await forLease(shown.lease.id, 'demand.answered')
    expect((await getLease(tasker.client, { lease: shown.lease.id })).state).toBe('claimed')
  })

  it('the provider redeems the last voucher before the lease ends', async () => {
    await warpTo(stack(), vouched.terms.end + 31n)
    const { data } = await forLease(vouched.id, 'voucher.redeemed')
    expect(data).toMatchObject({ owed: vouched.owed })
    expect(await getLease(tasker.client, { lease: vouched.id })).toMatchObject({
      state: 'open',
      paid: vouched.owed,
    })
  })

  it('a provider that is gone cannot answer, and loses its collateral', async () => {
    await stack().providers.provider2!.kill()
    const { locked } = await balanceOf(stack(), provider())
    const { timestamp } = await demandNow()
    await warpTo(stack(), timestamp + lost.lease.terms.window / 4n + 1n)
    const { data } = await forLease(lost.lease.id, 'lease.slashed')
    expect(data).toMatchObject({ state: 'slashed', paid: 0n })
    expect((await balanceOf(stack(), provider())).locked).toBe(locked - lost.lease.terms.collateral)
  })

  it('everybody else gets what is theirs once the windows are over', async () => {
    await forLease(vouched.id, 'lease.unclaimed')
    const over = await Promise.all(
      [shown.lease.id, vouched.id].map(
        async (lease) => (await getLease(tasker.client, { lease })).deadlines.over,
      ),
    )
    await warpTo(stack(), over.reduce((a, b) => (a > b ? a : b)) + 1n)
    await Promise.all([shown.lease.id, vouched.id].map((lease) => forLease(lease, 'lease.final')))

    const [claimed, redeemed] = [shares(shown.owed), shares(vouched.owed)]
    // No arbiter ruled: 70 % to the tasker, 10 % to who demanded, which it was too, and the rest to nobody.
    const { collateral } = lost.lease.terms
    expect(collateral).toBe(collateralFor(lost.job.ticket.job.fuel, 'provider2'))
    const [toTasker, toWinner] = [(collateral * 7_000n) / 10_000n, (collateral * 1_000n) / 10_000n]
    expect(changes(before, await purses({ tasker }))).toEqual({
      tasker: toTasker + toWinner - claimed.cost - redeemed.cost,
      provider: claimed.earned + redeemed.earned - collateral,
      matcher: claimed.fees + redeemed.fees,
      burned: collateral - toTasker - toWinner,
    })
    expect((await tasker.funds()).locked).toBe(0n)
    told.stop()
  })

  it('and not a unit is lost', async () => {
    const { free, locked, burned, held, deposited } = await booksOf(stack(), [
      stack().accounts.treasury.address,
    ])
    expect(locked).toBe(0n)
    expect(free + burned).toBe(deposited)
    expect(held).toBe(deposited)
  })

  async function demandNow() {
    const { receipt } = await demand(tasker.client, {
      terms: lost.lease.terms,
      claim: claimOf(lost),
      index: 0,
    })
    return chainOf(stack()).getBlock({ blockNumber: receipt.blockNumber })
  }
})

interface Finished {
  job: JobView
  lease: LeaseView
  owed: bigint
}

/** A bid's job with its result, for which the tasker signs nothing. */
async function finished({ client }: Person, told: EventLog, order: Hex): Promise<Finished> {
  const event = await told.until(
    `result of ${order}`,
    ({ type, order: of }) => type === 'job.result' && of === order,
  )
  const job = event.data as JobView
  const lease = await getLease(client, { lease: job.lease })
  return { job, lease, owed: owedFor(job.result!.result.fuelUsed, 'provider2') }
}

function claimOf({ job, owed }: Finished) {
  const { root, count, sum } = claimTree([{ index: 0, result: job.result!.result, amount: owed }])
  return { root, count, sum }
}

function isVoucherOf(event: MarketEvent, owed: bigint): boolean {
  return event.type === 'voucher.received' && event.data.owed === owed
}

function purses({ tasker }: { tasker: Person }) {
  const { provider2, treasury } = stack().accounts
  return freeOf(stack(), { tasker: tasker.address, provider: provider2.address, matcher: treasury.address })
}

const lower = (address: Hex): Hex => address.toLowerCase() as Hex
