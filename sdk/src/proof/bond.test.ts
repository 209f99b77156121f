import fc from 'fast-check'
import { zeroAddress } from 'viem'
import { describe, expect, it } from 'vitest'
import {
  bondCover,
  bondFor,
  challengerGas,
  coveredBaseFee,
  defenderGas,
  GAME_GAS,
  gasCost,
  SURGE,
  shareBond,
} from './bond.ts'
import { fuelOfLevel } from './split.ts'

const GWEI = 10n ** 9n
const ETHER = 10n ** 18n
const arbiter = `0x${'1'.repeat(40)}` as const
const uint = (bits: bigint, min = 0n) => fc.bigInt({ min, max: 2n ** bits - 1n })

describe('gas of a game', () => {
  it('is that of the dearest game: the provider chooses the level, the challenger how it ends', () => {
    const { challenge, move, prove, timeout, settle } = GAME_GAS
    const costOf = (level: number) =>
      BigInt(Math.ceil(level / 2)) * move + (level % 2 === 0 ? prove : timeout) + settle
    for (let level = 3; level <= 14; level++) {
      const costs = Array.from({ length: level - 1 }, (_, i) => costOf(i + 2))
      expect(defenderGas(fuelOfLevel(level))).toBe(costs.reduce((most, cost) => (cost > most ? cost : most)))
    }
    expect(challengerGas(fuelOfLevel(8))).toBe(challenge + 4n * move + prove + settle)
  })

  it('costs what gas costs, in the token', () => {
    // A million gas at 2 gwei, where an ether is worth 3,000 tokens of 6 decimals.
    expect(gasCost({ gas: 1_000_000n, baseFee: 2n * GWEI, tokenPerEther: 3_000n * 10n ** 6n })).toBe(
      6_000_000n,
    )
    expect(gasCost({ gas: 1n, baseFee: 1n, tokenPerEther: 1n })).toBe(1n)
  })
})

describe('the bond', () => {
  it('is shared as the lease book shares it', () => {
    expect(shareBond(101n)).toEqual({ toArbiter: 0n, toProvider: 80n, burned: 21n })
    expect(shareBond(200n, { arbiter, arbiterFee: 100n })).toEqual({
      ...{ toArbiter: 100n, toProvider: 80n, burned: 20n },
    })
    expect(shareBond(50n, { arbiter, arbiterFee: 100n })).toEqual({
      ...{ toArbiter: 50n, toProvider: 0n, burned: 0n },
    })
    // Nobody's fee: only the least bond.
    expect(shareBond(100n, { arbiter: zeroAddress, arbiterFee: 100n }).toProvider).toBe(80n)
  })

  it('pays for the gas at eight times the base fee, and is the least that does', () => {
    fc.assert(
      fc.property(uint(24n, 1n), uint(40n, 1n), uint(90n, 1n), (gas, baseFee, tokenPerEther) => {
        const bond = bondFor({ gas, baseFee, tokenPerEther })
        const cost = gasCost({ gas, baseFee: baseFee * SURGE, tokenPerEther })
        expect(shareBond(bond).toProvider).toBeGreaterThanOrEqual(cost)
        expect(shareBond(bond - 1n).toProvider).toBeLessThan(cost)
      }),
    )
  })

  it('says up to which base fee it covers', () => {
    const price = { gas: 700_000n, baseFee: 3n * GWEI, tokenPerEther: ETHER }
    const bond = bondFor(price)
    const most = coveredBaseFee({ ...price, bond })
    expect(most).toBe(8n * price.baseFee)
    expect(bondCover({ ...price, bond, baseFee: most })).toBe(1)
    expect(bondCover({ ...price, bond })).toBe(8)
    expect(bondCover({ ...price, bond, baseFee: 2n * most })).toBe(0.5)
    // Half of a bond of twice the fee is the arbiter's.
    expect(bondCover({ ...price, bond, scheme: { arbiter, arbiterFee: bond / 2n } })).toBe(4)
  })
})
