import type { Scheme, Terms } from '@millrace/sdk'
import { zeroAddress } from 'viem'
import { describe, expect, it } from 'vitest'
import { type Facts, weigh } from './weigh.ts'

const [ME, TASKER] = [`0x${'11'.repeat(20)}`, `0x${'22'.repeat(20)}`] as const
const scheme: Scheme = {
  scheme: `0x${'33'.repeat(20)}`,
  arbiter: zeroAddress,
  arbiterFee: 50n,
  machineVersion: 3,
  taskerShare: 7_000,
  winnerShare: 1_000,
}
const terms = { tasker: TASKER, collateral: 10_000n, bond: 50n, window: 400n, disputeLimit: 3_600n } as Terms
const facts: Facts = {
  ...{ account: ME, terms, scheme, status: 'open', disputes: 0, isPlaying: false },
  ...{ over: 2_000n, now: 1_000n, free: 1_000n, isProvable: true, arbiters: false, machineVersion: 3 },
  ...{ cost: undefined, size: { fuel: 10n ** 9n, memoryPages: 256 } },
}
const withArbiter = { ...scheme, arbiter: ME, arbiterFee: 2_000n }

describe('a wrong result', () => {
  it('is challenged where its reward is there to be had', () => {
    expect(weigh(facts)).toEqual({ do: 'challenge', bond: 50n, reward: 1_000n })
    // Who is the tasker has that share too.
    expect(weigh({ ...facts, account: TASKER })).toMatchObject({ reward: 8_000n })
  })

  it.each([
    ['the lease is slashed', { status: 'slashed' }, /slashed/],
    ['the lease is closed', { status: 'closed' }, /closed/],
    ['the matcher invented the lease', { status: 'none' }, /not on chain/],
    ['the window is about to end', { now: 1_970n }, /window/],
    ['the gas costs more than it brings', { cost: 1_000n }, /gas/],
    ['a challenger is paid nothing', { scheme: { ...scheme, winnerShare: 0 } }, /nothing/],
    ['no clock is long enough to play', { size: { fuel: 10n ** 12n, memoryPages: 0 } }, /need/],
    ['nor for its memory', { size: { fuel: 10n ** 11n, memoryPages: 65_536 } }, /need/],
    ['an arbiter judges', { isProvable: false, scheme: withArbiter }, /arbiter/],
    ['nobody rules, and an arbiter is paid', { scheme: withArbiter }, /nobody rules/],
    ['nobody knows the scheme', { isProvable: false }, /not known/],
    ['it is of another machine', { machineVersion: 4 }, /version/],
  ] as [string, Partial<Facts>, RegExp][])('is left where %s', (_, change, why) => {
    expect(weigh({ ...facts, ...change })).toEqual({ do: 'drop', why: expect.stringMatching(why) })
  })

  it('is challenged before an arbiter where that is wanted', () => {
    const change = { isProvable: false, arbiters: true, scheme: withArbiter }
    expect(weigh({ ...facts, ...change })).toMatchObject({ do: 'challenge', reward: 800n })
  })

  it('waits for money, and says how much', () => {
    expect(weigh({ ...facts, free: 49n })).toEqual({ do: 'wait', why: 'bond', missing: 1n })
  })

  it('waits while somebody else’s case is open, but not past the last quarter of the window', () => {
    const contested = { ...facts, disputes: 2 }
    expect(weigh({ ...contested, now: 1_899n })).toEqual({ do: 'wait', why: 'another-case' })
    expect(weigh({ ...contested, now: 1_900n })).toMatchObject({ do: 'challenge', bond: 150n })
    expect(weigh({ ...contested, now: 1_900n, isPlaying: true })).toMatchObject({ do: 'wait' })
  })
})
