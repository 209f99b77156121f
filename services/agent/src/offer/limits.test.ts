import { bondFor, defenderGas, leastDispute, leastWindow, type Scheme, SURGE } from '@millrace/sdk'
import { zeroAddress } from 'viem'
import { describe, expect, it } from 'vitest'
import { DEFAULT_OFFER } from '../config.ts'
import type { Offer } from './ask.ts'
import { refuseLeaf, refuseTimes } from './limits.ts'

const PROOF = `0x${'99'.repeat(20)}` as const
const MAX_FUEL = 10n ** 12n
const leaf: Scheme = {
  ...{ scheme: PROOF, arbiter: zeroAddress, arbiterFee: 10n ** 18n, machineVersion: 3 },
  ...{ taskerShare: 7_000, winnerShare: 1_000 },
}
const facts = { proofScheme: PROOF, machineVersion: 3, maxFuel: MAX_FUEL, gas: undefined } as const

describe('refuseLeaf', () => {
  it('takes no leaf that another version of the machine judges by', () => {
    expect(refuseLeaf(leaf, facts)).toBeUndefined()
    expect(refuseLeaf({ ...leaf, machineVersion: 2 }, facts)).toMatch('version 2')
    expect(refuseLeaf({ ...leaf, scheme: zeroAddress, machineVersion: 4 }, facts)).toMatch('version 4')
  })

  it('takes no provable leaf that pays an arbiter', () => {
    expect(refuseLeaf({ ...leaf, arbiter: PROOF }, facts)).toMatch('nobody rules')
  })

  it('takes no provable leaf whose least bond does not pay for a defence at a surge', () => {
    const gas = { baseFee: 10n ** 9n, tokenPerEther: 3_000n * 10n ** 18n }
    const least = bondFor({ ...gas, gas: defenderGas(MAX_FUEL), surge: SURGE })
    expect(refuseLeaf({ ...leaf, arbiterFee: least }, { ...facts, gas })).toBeUndefined()
    const short = { ...leaf, arbiterFee: (least * 99n) / 100n }
    expect(refuseLeaf(short, { ...facts, gas })).toMatch(`${gas.baseFee} now`)
    // Nobody says what gas is worth, or an arbiter judges, whom the bond pays.
    expect(refuseLeaf(short, facts)).toBeUndefined()
    expect(refuseLeaf({ ...short, scheme: zeroAddress, arbiter: PROOF }, { ...facts, gas })).toBeUndefined()
  })
})

describe('refuseTimes', () => {
  const offer: Offer = { ...DEFAULT_OFFER, price: 1n, collateral: 1n, maxFuel: MAX_FUEL }
  it('takes what an agent offers where nothing is said', () => {
    expect(refuseTimes(offer)).toBeUndefined()
  })
  it('refuses by a second what can never be defended or challenged in time, and says with which numbers', () => {
    const [dispute, window] = [leastDispute(MAX_FUEL, offer.memoryPages), leastWindow(MAX_FUEL)]
    expect(refuseTimes({ ...offer, maxDispute: dispute, maxWindow: window })).toBeUndefined()
    const grouped = (value: bigint) => value.toLocaleString('en-US')
    expect(refuseTimes({ ...offer, maxDispute: dispute - 1n })).toMatch(
      `limit of ${grouped(dispute)} s and a window of ${grouped(window)} s, and this offer takes at most ${grouped(dispute - 1n)} s`,
    )
    expect(refuseTimes({ ...offer, maxWindow: window - 1n })).toMatch('at most')
    expect(refuseTimes({ ...offer, maxDispute: 60n })).toMatch('No job fits')
  })
})
