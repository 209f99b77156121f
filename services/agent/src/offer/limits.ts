/**
 * What an offer must keep to so that its results can be defended: time for the game of its largest job, and bonds that
 * pay for the gas. Pure functions.
 */
import {
  bondCover,
  coveredBaseFee,
  defenderGas,
  fitsClock,
  isProvable,
  leastDispute,
  leastWindow,
  mostFuelOf,
  type Scheme,
  SURGE,
} from '@millrace/sdk'
import { type Address, zeroAddress } from 'viem'
import type { Offer } from './ask.ts'

/** What gas costs in the offer's token. */
export interface GasFacts {
  /** Wei a unit of gas, now. */
  readonly baseFee: bigint
  /** Base units that 10^18 wei are worth. */
  readonly tokenPerEther: bigint
}

export interface LeafFacts {
  readonly proofScheme: Address
  readonly machineVersion: number
  /** Largest job. */
  readonly maxFuel: bigint
  /** Without it, nothing is said about bonds. */
  readonly gas: GasFacts | undefined
}

/** Why a leaf is not accepted, or nothing. */
export function refuseLeaf(scheme: Scheme, facts: LeafFacts): string | undefined {
  const { machineVersion, proofScheme, maxFuel, gas } = facts
  if (scheme.machineVersion !== machineVersion) {
    return `it judges by version ${scheme.machineVersion} of the machine; this one is ${machineVersion}`
  }
  if (!isProvable({ contracts: { proofScheme } }, scheme)) return undefined
  if (scheme.arbiter !== zeroAddress) {
    return `it pays ${scheme.arbiterFee} of each bond to ${scheme.arbiter}, though nobody rules`
  }
  if (!gas) return undefined
  // Nobody's fee here: it is the least bond that a bid may name.
  const bond = scheme.arbiterFee
  const price = { ...gas, gas: defenderGas(maxFuel) }
  if (bondCover({ bond, scheme, ...price, baseFee: gas.baseFee * SURGE }) >= 1) return undefined
  const covered = coveredBaseFee({ bond, scheme, ...price })
  return (
    `a bond of ${bond} pays for the ${price.gas} gas of a defence up to a base fee of ${covered} wei; ` +
    `it is ${gas.baseFee} now and may rise to ${SURGE} times that`
  )
}

/** Why the largest job of an offer could never be defended in time, or nothing. */
export function refuseTimes({ maxFuel, memoryPages, maxDispute, maxWindow }: Offer): string | undefined {
  const times = { disputeLimit: maxDispute, window: maxWindow, memoryPages }
  if (fitsClock({ maxFuel, ...times })) return undefined
  const most = mostFuelOf(times)
  const [dispute, window] = [leastDispute(maxFuel, memoryPages), leastWindow(maxFuel)]
  return (
    `is ${grouped(maxFuel)}: to prove a result of so much fuel, in ${grouped(memoryPages)} pages of memory, takes a dispute limit of ` +
    `${grouped(dispute)} s and a window of ${grouped(window)} s, and this offer takes at most ${grouped(maxDispute)} s and ` +
    `${grouped(maxWindow)} s. ${most > 0n ? `With these it can be at most ${grouped(most)}` : 'No job fits these'}`
  )
}

/** 1,234,567: by somebody who has to compare it. */
function grouped(value: bigint | number): string {
  return value.toLocaleString('en-US')
}
