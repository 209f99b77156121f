/**
 * What things cost in the stack, by formulas of their own: a test that asked the SDK would find the SDK right.
 * Amounts are base units.
 */
import { parseUnits } from 'viem'
import type { ProviderRole } from '../../scripts/stack/startStack.ts'

const GIGAFUEL = 10n ** 9n

/** Per gigafuel, as the stack's providers ask. */
export const PRICES: Readonly<Record<ProviderRole, bigint>> = {
  provider1: parseUnits('0.1', 18),
  provider2: parseUnits('0.12', 18),
  liar: parseUnits('0.15', 18),
}

/** What a provider puts up for each unit of price where nothing is said. */
const COLLATERAL_FACTOR = 10n

/** What a result earns. */
export const owedFor = (fuelUsed: bigint, provider: ProviderRole): bigint =>
  (PRICES[provider] * fuelUsed) / GIGAFUEL

/** What a provider locks for a lease of so much fuel. */
export const collateralFor = (fuel: bigint, provider: ProviderRole): bigint =>
  ceil(PRICES[provider] * COLLATERAL_FACTOR * fuel, GIGAFUEL)

/** Where what is owed goes, with an ask that was there first: taker 75, maker 25 basis points. */
export function shares(owed: bigint): { cost: bigint; earned: bigint; fees: bigint } {
  const [takerFee, makerFee] = [(owed * 75n) / 10_000n, (owed * 25n) / 10_000n]
  return { cost: owed + takerFee, earned: owed - makerFee, fees: takerFee + makerFee }
}

/** What a tasker locks at most for so much fuel, fee included. */
export function lockFor(fuel: bigint, provider: ProviderRole): bigint {
  const most = ceil(PRICES[provider] * fuel, GIGAFUEL)
  return most + ceil(most * 75n, 10_000n)
}

const ceil = (value: bigint, by: bigint): bigint => (value + by - 1n) / by
