/** What the classes of the contracts' custom errors have in common. */
import type { AbiParameterToPrimitiveType } from 'viem'
import type {
  arbiterSchemeAbi,
  demandsAbi,
  disputesAbi,
  escrowAbi,
  leasesAbi,
  machineAbi,
  proofSchemeAbi,
  testTokenAbi,
} from '../../abi/index.gen.ts'
import { MillraceError } from '../error.ts'

type Item =
  | (typeof arbiterSchemeAbi)[number]
  | (typeof demandsAbi)[number]
  | (typeof disputesAbi)[number]
  | (typeof escrowAbi)[number]
  | (typeof leasesAbi)[number]
  | (typeof machineAbi)[number]
  | (typeof proofSchemeAbi)[number]
  | (typeof testTokenAbi)[number]

type AbiError = Extract<Item, { type: 'error' }>

/** Every custom error that a call of the contracts can end in. */
export type ContractErrorName = AbiError['name']

/** The arguments of a custom error, by name. */
export type FactsOf<Name extends ContractErrorName> = {
  readonly [P in Extract<
    AbiError,
    { name: Name }
  >['inputs'][number] as P['name']]: AbiParameterToPrimitiveType<P>
}

export interface Explanation<Name extends ContractErrorName> {
  message(facts: FactsOf<Name>): string
  remedy: string
  /** Whether the same call may work later by itself. Most reverts are for good. */
  retryable?: boolean
}

/** A call that a contract refused with a custom error. */
export abstract class ContractError<
  Name extends ContractErrorName = ContractErrorName,
> extends MillraceError {
  /** The error's name in Solidity. */
  declare readonly errorName: Name
  declare readonly facts: FactsOf<Name>
}

export interface ContractErrorClass<Name extends ContractErrorName> {
  new (facts: FactsOf<Name>, cause?: unknown): ContractError<Name>
}

/** The class of one custom error. Its code is the error's name in lower case: `VoucherStale`, `voucher-stale`. */
export function contractError<Name extends ContractErrorName>(
  errorName: Name,
  { message, remedy, retryable = false }: Explanation<Name>,
): ContractErrorClass<Name> {
  return class extends ContractError<Name> {
    override readonly name = `${errorName}Error`
    override readonly errorName = errorName

    constructor(facts: FactsOf<Name>, cause?: unknown) {
      super(message(facts), { code: kebab(errorName), remedy, retryable, facts, cause })
    }
  }
}

function kebab(name: string): string {
  // Before a capital after a small letter, and before the last of several capitals: an abbreviation is one word.
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-').toLowerCase()
}
