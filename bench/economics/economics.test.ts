import { readFile } from 'node:fs/promises'
import { collateralFor } from '@millrace/sdk'
import fc from 'fast-check'
import { zeroAddress } from 'viem'
import { describe, expect, it } from 'vitest'
import { randomFrom } from '../../machine/src/random/random.ts'
import { PRICE } from './curves.ts'
import { drawLosses } from './draw.ts'
import { PICTURE, simulate, worstDeviation } from './economics.ts'
import { type Book, type Lease, PARTIES, playFalse, playLease } from './play.ts'

const scheme = { arbiter: zeroAddress, arbiterFee: 0n, taskerShare: 7_000, winnerShare: 1_000 } as const
const leases = fc.record({
  provider: fc.constantFrom('honest', 'liar', 'rescuer'),
  checking: fc.constantFrom('each', 'whole', 'never'),
  q: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
  jobs: fc.integer({ min: 1, max: 20 }),
  pay: fc.constantFrom('vouchers', 'claim'),
  price: fc.bigInt({ min: 1n, max: 2n ** 64n }),
  effort: fc.constant(0n),
  collateral: fc.bigInt({ min: 0n, max: 2n ** 64n }),
  scheme: fc.constant(scheme),
  challenging: fc.bigInt({ min: 0n, max: 2n ** 40n }),
}) as fc.Arbitrary<Lease>

const sumOf = (book: Book) => PARTIES.reduce((sum, party) => sum + book[party], 0n)
const simulated = simulate()

describe('the simulator', () => {
  it('finds what the formulas say', () => {
    expect(simulated.lie.length * simulated.lie[0]!.points.length).toBe(65)
    expect(worstDeviation(simulated.lie)).toBeLessThan(4)
    expect(worstDeviation(simulated.grief)).toBeLessThan(4)
  })

  it('would find a formula that is off by a twentieth', () => {
    const off = simulated.lie.map((curve) => ({
      ...curve,
      points: curve.points.map((point) => ({ ...point, formula: point.formula - point.x / 2 })),
    }))
    expect(worstDeviation(off)).toBeGreaterThan(8)
  })

  it('makes and loses no money', () => {
    fc.assert(
      fc.property(leases, fc.integer(), (lease, seed) => {
        expect(sumOf(playLease(lease, randomFrom(seed)))).toBe(0n)
      }),
    )
    expect(sumOf(simulated.market.sum)).toBe(0n)
  })

  it('lets all parties together gain nothing by a lie or a false challenge', () => {
    fc.assert(
      fc.property(leases, fc.integer(), (lease, seed) => {
        const { nobody, chain } = playLease(lease, randomFrom(seed))
        expect(nobody >= 0n && chain >= 0n).toBe(true)
      }),
    )
    const fee = () => 1n
    const sides = { defending: [3n], challenging: [2n, 2n], ending: () => 4n, fee, nth: 1, moves: 2 }
    expect(playFalse({ ...sides, bond: 100n })).toEqual({
      ...{ tasker: 0n, provider: 80n - 3n - 4n, friend: 0n, challenger: -104n, chain: 11n, nobody: 20n },
    })
  })

  it('pays no liar where results are checked one by one, however many lies and however they are paid', () => {
    const random = randomFrom(7)
    for (const q of [0.05, 0.3, 0.8]) {
      const collateral = collateralFor({ gain: PRICE, q, scheme })
      for (const pay of ['vouchers', 'claim'] as const) {
        for (const jobs of [1, 3, 30]) {
          const lease: Lease = {
            ...{ provider: 'rescuer', checking: 'each', q, jobs, pay, price: PRICE, effort: 0n },
            ...{ collateral, scheme, challenging: 0n },
          }
          let earned = 0n
          for (let i = 0; i < 4_000; i++) {
            const { provider, friend } = playLease(lease, random)
            earned += provider + friend
          }
          // A lie's spread is about its collateral; so many of them leave a fiftieth of that by chance.
          expect(Number(earned) / 4_000).toBeLessThan(Number(collateral + 10n * PRICE) / 15)
        }
      }
    }
  })

  it('pays a liar where whole leases are checked', () => {
    const { rows } = simulated.market
    const whole = rows.filter(({ provider, checking }) => provider === 'rescuer' && checking === 'whole')
    for (const { mean } of whole) expect(mean).toBeGreaterThan(7)
  })
})

describe('the picture', () => {
  it('is the one that these seeds draw', async () => {
    expect(await readFile(PICTURE, 'utf8')).toBe(drawLosses(simulated))
  })
})
