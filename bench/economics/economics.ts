// What lying and false challenges earn: a seeded simulator beside the formulas of `docs/SECURITY.md`, whose picture it
// draws.
import { writeFile } from 'node:fs/promises'
import { checkingRateFor } from '@millrace/sdk'
import type { Bench, Figure } from '../report.ts'
import { type Curve, griefCurves, lieCurves, market, PRICE, SEED } from './curves.ts'
import { drawLosses } from './draw.ts'

const LEASES = 5_000
const GAMES = 1_000
export const PICTURE = new URL('../../docs/losses.svg', import.meta.url)

export function simulate() {
  return { lie: lieCurves(LEASES), grief: griefCurves(GAMES), market: market(20_000) }
}

/** The most standard deviations by which a simulated mean is off its formula's. */
export function worstDeviation(curves: readonly Curve[]): number {
  return Math.max(
    ...curves.flatMap(({ points }) =>
      points.map(({ simulated, formula, error }) => {
        const off = Math.abs(simulated - formula)
        // Where nothing is left to chance, what is off is what rounding leaves.
        return off < 1e-5 ? 0 : off / error
      }),
    ),
  )
}

export async function measure(): Promise<Bench> {
  const { lie, grief, market } = simulate()
  await writeFile(PICTURE, drawLosses({ lie, grief }))
  const break_even = Object.fromEntries(
    lie.map(({ name }) => [
      `collateral_${name}x`,
      checkingRateFor({
        gain: PRICE,
        collateral: BigInt(name) * PRICE,
        scheme: { taskerShare: 7_000, winnerShare: 1_000 },
      }),
    ]),
  )
  const rowOf = (provider: string, checking: string, pay: string) =>
    market.rows.find((row) => row.provider === provider && row.checking === checking && row.pay === pay)!
  const griefAt = (fee: number) =>
    Math.max(...grief.map(({ points }) => points.find(({ x }) => x === fee)!.formula))
  const json = {
    seed: SEED,
    deviation: round(worstDeviation([...lie, ...grief])),
    liar_each_vouchers: round(rowOf('rescuer', 'each', 'vouchers').mean),
    liar_each_claim: round(rowOf('rescuer', 'each', 'claim').mean),
    liar_whole: round(rowOf('rescuer', 'whole', 'vouchers').mean),
    liar_never: round(rowOf('rescuer', 'never', 'vouchers').mean),
    honest: round(rowOf('honest', 'each', 'vouchers').mean),
    grief_8x: round(griefAt(8)),
    grief_64x: round(griefAt(64)),
    break_even,
    curves: { lie, grief },
    market: market.rows,
  }
  const perLease = 'jobs’ pay a lease'
  const figures: Figure[] = [
    { name: 'simulator off its formulas, most', value: json.deviation, aim: 4, unit: 'standard deviations' },
    { name: 'liar, each result checked at q', value: json.liar_each_vouchers, aim: 0.1, unit: perLease },
    { name: 'the same, paid by a claim', value: json.liar_each_claim, aim: 0.1, unit: perLease },
    { name: 'liar, whole leases checked at q', value: json.liar_whole, unit: perLease },
    { name: 'liar, nobody checks', value: json.liar_never, unit: perLease },
    { name: 'honest provider', value: json.honest, unit: perLease },
    ...Object.entries(break_even).map(([name, value]) => ({
      ...{ name: `break-even q, ${name}`, value: round(100 * value), unit: '%' },
    })),
    {
      name: 'grief at 8 times the base fee',
      value: json.grief_8x,
      aim: 0,
      unit: 'lost by the provider a unit spent',
    },
    { name: 'grief at 64 times', value: json.grief_64x, aim: 1, unit: 'lost by the provider a unit spent' },
  ]
  return { json, figures }
}

const round = (value: number) => Math.round(value * 1_000) / 1_000
