// The numbers of docs/SECURITY.md are those of the formulas.
import { readFile } from 'node:fs/promises'
import {
  bondFor,
  bondsLocked,
  challengerGas,
  checkingRateFor,
  clockOf,
  collateralFor,
  collateralForGas,
  defenderGas,
  GIGAFUEL,
  leastDispute,
  leastWindow,
  placesCost,
} from '@millrace/sdk'
import { formatEther, zeroAddress } from 'viem'
import { expect, it } from 'vitest'

const page = await readFile(new URL('../../docs/SECURITY.md', import.meta.url), 'utf8')
const scheme = { arbiter: zeroAddress, arbiterFee: 0n, taskerShare: 7_000, winnerShare: 1_000 } as const
const GAIN = 1_000_000n
const GWEI = 10n ** 9n
const tokenPerEther = 10n ** 18n

/** The cells behind the first one of the rows that begin so. */
const rowsOf = (head: string) =>
  page
    .split('\n')
    .filter((line) => line.startsWith(`| ${head}`))
    .map((line) =>
      line
        .split('|')
        .slice(2, -1)
        .map((cell) => cell.trim()),
    )

it('says how often to check', () => {
  const [collaterals] = rowsOf('collateral, in the job')
  const [rates] = rowsOf('check at least')
  expect(collaterals).toHaveLength(7)
  for (const [i, pays] of collaterals!.entries()) {
    const q = checkingRateFor({ gain: GAIN, collateral: BigInt(pays) * GAIN, scheme })
    const said = Number.parseFloat(rates![i]!) / 100
    // Rounded up: less would not do.
    expect(said).toBeGreaterThanOrEqual(q)
    expect(said - q).toBeLessThan(0.001)
  }
})

it('says how much collateral to ask for', () => {
  const [rates] = rowsOf('results checked')
  const [, collaterals] = rowsOf('collateral, in the job')
  expect(rates).toHaveLength(6)
  for (const [i, rate] of rates!.entries()) {
    const q = Number.parseFloat(rate) / 100
    const pays = Number(collateralFor({ gain: GAIN, q, scheme })) / Number(GAIN)
    expect(collaterals![i]).toBe(pays.toFixed(1))
  }
})

it('says which bond covers a defence', () => {
  const gas = defenderGas(10n * GIGAFUEL)
  const rows = page.matchAll(/^\| ([\d.]+) gwei \| ([\d.]+) \| ([\d.]+) gwei \|$/gm)
  const seen = [...rows].map(([, at, bond, upTo]) => {
    const baseFee = BigInt(Math.round(Number(at) * Number(GWEI)))
    expect(formatEther(bondFor({ gas, baseFee, tokenPerEther }))).toBe(bond)
    expect(Number(upTo)).toBeCloseTo(8 * Number(at))
    return at
  })
  expect(seen).toHaveLength(4)
  const ofChallenger = challengerGas(10n * GIGAFUEL)
  const least = collateralForGas({ gas: ofChallenger, baseFee: GWEI, tokenPerEther, scheme })
  expect(page).toContain(`up to ${Number(ofChallenger).toLocaleString('en')} gas`)
  expect(page).toContain(`${formatEther(least)} ether`)
})

it('says what many challenges cost', () => {
  for (const [games, bonds] of [
    [9, '45'],
    [33, '561'],
    [100, '5,050'],
    [255, '32,640'],
  ] as const) {
    expect(bondsLocked(1n, games).toLocaleString('en')).toBe(bonds)
    expect(page).toContain(`${bonds}`)
  }
  expect(page).toContain(`g / ${(placesCost(1_000n, scheme) / 1_000n).toLocaleString('en')}`)
})

it('says how long a side has', () => {
  for (const [limit, ...clocks] of [
    ['1 hour', '9 min', '37 min'],
    ['6 hours', '56 min', '3.7 h'],
    ['1 day', '3.7 h', '15 h'],
    ['7 days', '26 h', '105 h'],
  ] as const) {
    const [amount, unit] = limit.split(' ') as [string, string]
    const disputeLimit = BigInt(amount) * (unit.startsWith('hour') ? 3_600n : 86_400n)
    for (const [i, side] of (['challenger', 'provider'] as const).entries()) {
      const [said, saidUnit] = clocks[i]!.split(' ') as [string, string]
      const part = Number(clockOf(disputeLimit, side)) / (saidUnit === 'min' ? 60 : 3_600)
      // What is there, never more.
      expect(part).toBeGreaterThanOrEqual(Number(said))
      expect(part - Number(said)).toBeLessThan(1)
    }
    expect(page).toContain(`| ${limit} | ${clocks.join(' | ')} |`)
  }
})

it('says how long a dispute must be', () => {
  const rows = [...page.matchAll(/^\| ([\d,]+) gigafuel \|(.*)\|$/gm)]
  expect(rows).toHaveLength(4)
  for (const [, giga, cells] of rows) {
    const fuel = BigInt(giga!.replace(',', '')) * GIGAFUEL
    const numbers = [0, 256, 1_024, 16_384].map((pages) => leastDispute(fuel, pages))
    const said = cells!.split('|').map((cell) => cell.trim())
    expect(said).toEqual([...numbers, leastWindow(fuel)].map((each) => `${each.toLocaleString('en')} s`))
  }
})
