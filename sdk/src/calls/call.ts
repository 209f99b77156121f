/** A call of a contract, ready to be estimated, simulated, signed or sent by whoever has the gas. */
import { type Abi, type Address, encodeFunctionData, type Hex } from 'viem'

export interface Call {
  to: Address
  data: Hex
  /** For people: `leases.redeem`. */
  label: string
}

/**
 * Arguments are documents, whose integers above 32 bits are bigint; viem's types have numbers up to 48 bits,
 * and its encoder takes both. The types of the builders around this are what callers see.
 */
export function call(to: Address, contract: string, abi: Abi, functionName: string, args: unknown[]): Call {
  return { to, data: encodeFunctionData({ abi, functionName, args }), label: `${contract}.${functionName}` }
}
