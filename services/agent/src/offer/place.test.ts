import { MACHINE_VERSION } from '@millrace/machine'
import type { Market, Scheme } from '@millrace/sdk'
import { zeroAddress } from 'viem'
import { describe, expect, it } from 'vitest'
import { DEFAULT_OFFER } from '../config.ts'
import { silent } from '../fixtures/desk.ts'
import type { Offer } from './ask.ts'
import { createPlace, type PlaceDeps } from './place.ts'

const PROOF = `0x${'99'.repeat(20)}` as const
const ARBITER = `0x${'88'.repeat(20)}` as const
const split = { machineVersion: MACHINE_VERSION, taskerShare: 7_000, winnerShare: 1_000 }
const proof: Scheme = { scheme: PROOF, arbiter: zeroAddress, arbiterFee: 10n ** 18n, ...split }
const arbiter: Scheme = { ...proof, scheme: ARBITER, arbiter: ARBITER }
const offer: Offer = { ...DEFAULT_OFFER, price: 1n, collateral: 1n }

const placeWith = (changes: Partial<PlaceDeps>, schemes: readonly Scheme[] = [proof, arbiter]) =>
  createPlace({
    market: {
      tokens: [{ address: zeroAddress }],
      schemes,
      contracts: { proofScheme: PROOF },
      matcher: { feeTo: zeroAddress, makerFee: 1, takerFee: 2 },
    } as unknown as Market,
    ...{ account: zeroAddress, key: zeroAddress, token: undefined, schemes: undefined },
    ...{ tokenPerEther: undefined, baseFee: async () => 10n ** 9n, log: silent },
    ...changes,
  })

describe('what a market adds to an offer', () => {
  it('is every judge before whom a result can be defended', async () => {
    expect((await placeWith({})(offer)).schemes).toEqual([proof, arbiter])
    const old = { ...proof, machineVersion: MACHINE_VERSION - 1 }
    expect((await placeWith({}, [old, arbiter])(offer)).schemes).toEqual([arbiter])
    // Ether at a million tokens: a bond of one token pays for nothing.
    const dear = { tokenPerEther: 10n ** 24n }
    expect((await placeWith(dear)(offer)).schemes).toEqual([arbiter])
  })

  it('is refused where none is left, or one that was named will not do', async () => {
    const old = { ...proof, machineVersion: MACHINE_VERSION - 1 }
    await expect(placeWith({}, [old])(offer)).rejects.toThrow('none of the market')
    await expect(placeWith({ schemes: [old, arbiter] })(offer)).rejects.toMatchObject({ code: 'bad-config' })
  })

  it('is refused for jobs whose proof would not fit its clock, but not where an arbiter judges', async () => {
    const short = { ...offer, maxDispute: 3_600n }
    await expect(placeWith({})(short)).rejects.toThrow(/`maxFuel` is 1,000,000,000,000: .*at most 3,600 s/)
    expect((await placeWith({}, [arbiter])(short)).schemes).toEqual([arbiter])
  })
})
