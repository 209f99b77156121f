/** From what a node says about a failed call to the error's class. */
import { type Abi, decodeErrorResult, type Hex, isHex } from 'viem'
import {
  arbiterSchemeAbi,
  demandsAbi,
  disputesAbi,
  escrowAbi,
  leasesAbi,
  machineAbi,
  proofSchemeAbi,
  testTokenAbi,
} from '../abi/index.gen.ts'
import type { ContractError, ContractErrorName } from './contracts/contractError.ts'
import { CONTRACT_ERRORS } from './contracts/table.ts'
import { MillraceError } from './error.ts'

/** The custom errors of all contracts; names that several share have the same arguments. */
export const ERRORS_ABI: Abi = [
  escrowAbi,
  leasesAbi,
  disputesAbi,
  demandsAbi,
  arbiterSchemeAbi,
  proofSchemeAbi,
  machineAbi,
  testTokenAbi,
]
  .flat()
  .filter((item) => item.type === 'error')

/** A call that reverted with something that is none of our errors: another contract's, or a bare `require`. */
export class RevertedError extends MillraceError {
  override readonly name = 'RevertedError'

  constructor(facts: { data: Hex; reason?: string }, cause?: unknown) {
    super(facts.reason ? `The call reverted: ${facts.reason}.` : `The call reverted with ${facts.data}.`, {
      code: 'reverted',
      retryable: false,
      remedy: 'Look at the contracts that the call reaches: a token of its own making, for one.',
      facts,
      cause,
    })
  }
}

/** The class of the custom error in `data`, as it stands in `MatchSkipped` and its like. */
export function decodeRevert(data: Hex, cause?: unknown): ContractError | RevertedError {
  try {
    const { abiItem, args = [], errorName } = decodeErrorResult({ abi: ERRORS_ABI, data })
    if (abiItem.type === 'error' && errorName in CONTRACT_ERRORS) {
      const inputs = 'inputs' in abiItem ? abiItem.inputs : []
      const facts = Object.fromEntries(inputs.map((input, at) => [input.name, args[at]]))
      return new CONTRACT_ERRORS[errorName as ContractErrorName](facts as never, cause) as ContractError
    }
    // Error(string) and Panic(uint256), which viem knows by itself.
    return new RevertedError({ data, reason: args.map(String).join(', ') }, cause)
  } catch {
    return new RevertedError({ data }, cause)
  }
}

/** The revert within an error of viem or of a node, decoded; undefined where the call failed otherwise. */
export function findRevert(error: unknown): ContractError | RevertedError | undefined {
  const data = revertDataOf(error)
  return data === undefined ? undefined : decodeRevert(data, error)
}

/** Nodes put the data at `error.data` or, wrapped once more, at `error.data.data`. */
function revertDataOf(error: unknown): Hex | undefined {
  for (let at = error, depth = 0; at instanceof Object && depth < 10; depth++) {
    const { data, cause } = at as { data?: unknown; cause?: unknown }
    if (isHex(data)) return data
    if (data instanceof Object && isHex((data as { data?: unknown }).data))
      return (data as { data: Hex }).data
    at = cause
  }
  return undefined
}
