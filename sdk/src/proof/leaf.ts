/** Whether a lease's scheme is one that proves, and whether what is signed leaves the time for it. */
import { MACHINE_VERSION } from '@millrace/machine'
import { zeroAddress } from 'viem'
import type { Market } from '../api/market.ts'
import type { Bid } from '../documents/bid.ts'
import type { Scheme } from '../documents/scheme.ts'
import { ArbiterOfProofError, LimitsExceedClockError, OtherMachineError } from '../errors/proof.ts'
import { fitsClock, leastDispute, leastWindow } from './times.ts'

/** Whether disputes under this leaf are decided by the market's proof scheme. */
export function isProvable(
  { contracts }: { contracts: Pick<Market['contracts'], 'proofScheme'> },
  { scheme }: Pick<Scheme, 'scheme'>,
): boolean {
  return scheme.toLowerCase() === contracts.proofScheme.toLowerCase()
}

/**
 * Refuses to sign what could not be proven.
 *
 * @throws {ArbiterOfProofError} where the leaf names an arbiter, who would be paid and asked nothing
 * @throws {OtherMachineError} where the leaf is about another version of the machine than this client has
 * @throws {LimitsExceedClockError} where a job may be so large that whoever is right cannot prove it in time
 */
export function checkProvable(
  market: Pick<Market, 'contracts'>,
  scheme: Scheme,
  limits: Pick<Bid, 'maxFuel' | 'memoryPages' | 'disputeLimit' | 'window'>,
): void {
  if (!isProvable(market, scheme)) return
  const { machineVersion, arbiter, arbiterFee } = scheme
  if (arbiter !== zeroAddress) throw new ArbiterOfProofError({ arbiter, fee: arbiterFee })
  if (machineVersion !== MACHINE_VERSION) {
    throw new OtherMachineError({ asked: machineVersion, own: MACHINE_VERSION })
  }
  if (fitsClock(limits)) return
  const { maxFuel, memoryPages, disputeLimit, window } = limits
  throw new LimitsExceedClockError({
    ...{ maxFuel, memoryPages, disputeLimit, window },
    leastDispute: leastDispute(maxFuel, memoryPages),
    leastWindow: leastWindow(maxFuel),
  })
}
