import {
  arbiterSchemeAbi,
  demandsAbi,
  disputesAbi,
  escrowAbi,
  leasesAbi,
  proofSchemeAbi,
} from '@millrace/sdk/abi'
import { type Abi, type Address, decodeEventLog, type Hex } from 'viem'

/** Where the market stands on its chain. */
export interface Contracts {
  escrow: Address
  leases: Address
  disputes: Address
  demands: Address
  arbiterScheme: Address
  proofScheme: Address
}

const ABIS: Record<keyof Contracts, Abi> = {
  escrow: escrowAbi,
  leases: leasesAbi,
  disputes: disputesAbi,
  demands: demandsAbi,
  arbiterScheme: arbiterSchemeAbi,
  proofScheme: proofSchemeAbi,
}

/** An event of one of the contracts, in JSON: integers as decimal strings, addresses in lower case. */
export interface ChainLog {
  contract: keyof Contracts
  name: string
  args: Record<string, unknown>
  index: number
  tx: Hex
}

/**
 * Undefined for a log that none of our ABIs knows, and for cases that a scheme was given by somebody else: anyone may
 * open some there, under any id.
 */
export function decodeLog(
  contracts: Contracts,
  log: { address: Address; topics: readonly Hex[]; data: Hex; logIndex: number; transactionHash: Hex },
): ChainLog | undefined {
  const contract = contractAt(contracts, log.address)
  if (!contract) return undefined
  try {
    const { eventName, args } = decodeEventLog({
      abi: ABIS[contract],
      topics: log.topics as [Hex, ...Hex[]],
      data: log.data,
    })
    const plain = toJson(args ?? {}) as Record<string, unknown>
    if ('receiver' in plain && plain.receiver !== contracts.disputes) return undefined
    return { contract, name: eventName!, args: plain, index: log.logIndex, tx: log.transactionHash }
  } catch {
    return undefined
  }
}

/** What an event is about, where it names it. */
export function subjectOf({ contract, args }: ChainLog): { lease?: string; case?: string } {
  const lease = (contract === 'leases' ? args.id : args.lease) as string | undefined
  const about = args.caseId as string | undefined
  return { lease, case: about }
}

function contractAt(contracts: Contracts, address: Address): keyof Contracts | undefined {
  const wanted = address.toLowerCase()
  return (Object.keys(ABIS) as (keyof Contracts)[]).find((name) => contracts[name] === wanted)
}

function toJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'string') return value.startsWith('0x') ? value.toLowerCase() : value
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]))
}
