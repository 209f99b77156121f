/** What a watcher asks the chain: nothing of it is the matcher's word. */
import {
  challengerGas,
  firstBlockSince,
  gasCost,
  getChain,
  getChainTime,
  hashResult,
  LEASE_STATES,
  leaseIdOf,
  logsBetween,
  type MillraceClient,
  OUTCOMES,
  type Outcome,
} from '@millrace/sdk'
import { disputesAbi, escrowAbi, leasesAbi } from '@millrace/sdk/abi'
import type { Address, Hex } from 'viem'
import type { CheckedPapers } from './papers.ts'
import type { Facts } from './weigh.ts'

/** How a case ended, and what that brought. */
export interface CaseEnd {
  readonly outcome: Outcome
  /** Base units of the lease's token that came on top of the bond; less than nothing where the bond is lost. */
  readonly taken: bigint
}

export type LeaseFacts = Pick<Facts, 'status' | 'disputes' | 'over' | 'now' | 'free' | 'cost'>

/** How a lease stands, and what there is to challenge with. */
export async function readFacts(
  client: MillraceClient,
  { terms, evidence }: CheckedPapers,
  account: Address,
  tokenPerEther: bigint | undefined,
): Promise<LeaseFacts> {
  const { publicClient, contracts } = await getChain(client)
  const [slot, [free], now, baseFee] = await Promise.all([
    publicClient.readContract({
      ...{ address: contracts.leases, abi: leasesAbi, functionName: 'leaseOf' },
      args: [leaseIdOf(terms)],
    }),
    publicClient.readContract({
      ...{ address: contracts.escrow, abi: escrowAbi, functionName: 'balanceOf' },
      args: [account, terms.token],
    }),
    getChainTime(client),
    tokenPerEther === undefined ? 0n : publicClient.getGasPrice(),
  ])
  const status = LEASE_STATES[slot.status]!
  const claimBy = (status === 'stopped' ? terms.openedAt + BigInt(slot.closedAfter) : terms.end) + terms.grace
  const isOpen = status === 'open' || status === 'stopped'
  const closedAt = isOpen ? claimBy : terms.openedAt + BigInt(slot.closedAfter)
  const gas = challengerGas(evidence.result.fuelUsed)
  const cost = tokenPerEther === undefined ? undefined : gasCost({ gas, baseFee, tokenPerEther })
  return { status, disputes: slot.disputes, over: closedAt + terms.window, now, free, cost }
}

/** In parts that nodes do not refuse. */
async function logsSince<T>(
  client: MillraceClient,
  time: bigint,
  fetch: (fromBlock: bigint, toBlock: bigint) => Promise<readonly T[]>,
): Promise<T[]> {
  const { publicClient } = await getChain(client)
  const from = await firstBlockSince(publicClient, time)
  return logsBetween(from, await publicClient.getBlockNumber({ cacheTime: 0 }), fetch)
}

/** The newest case that an account opened over a result, from the chain's log alone. */
export async function findCase(
  client: MillraceClient,
  { terms, evidence }: CheckedPapers,
  challenger: Address,
): Promise<Hex | undefined> {
  const { publicClient, contracts } = await getChain(client)
  const logs = await logsSince(client, terms.openedAt, (fromBlock, toBlock) =>
    publicClient.getContractEvents({
      ...{ address: contracts.disputes, abi: disputesAbi, eventName: 'DisputeOpened' },
      ...{ args: { lease: leaseIdOf(terms), challenger }, fromBlock, toBlock },
    }),
  )
  const result = hashResult(evidence.result)
  return logs.findLast(({ args }) => args.result === result)?.args.caseId
}

/** Whether no transaction of an account waits to be mined: what is not in a block by now will not be. */
export async function isQuiet(client: MillraceClient, address: Address): Promise<boolean> {
  const { publicClient } = await getChain(client)
  const [mined, all] = await Promise.all([
    publicClient.getTransactionCount({ address, blockTag: 'latest' }),
    publicClient.getTransactionCount({ address, blockTag: 'pending' }),
  ])
  return all <= mined
}

/** How a case ended; undefined while it is open. */
export async function readEnd(
  client: MillraceClient,
  { terms }: CheckedPapers,
  account: Address,
  caseId: Hex,
): Promise<CaseEnd | undefined> {
  const { publicClient, contracts } = await getChain(client)
  const [settled] = await logsSince(client, terms.openedAt, (fromBlock, toBlock) =>
    publicClient.getContractEvents({
      ...{ address: contracts.disputes, abi: disputesAbi, eventName: 'DisputeSettled' },
      ...{ args: { caseId }, fromBlock, toBlock },
    }),
  )
  if (!settled) return undefined
  const lease = leaseIdOf(terms)
  const inIt = {
    ...{ address: contracts.leases, abi: leasesAbi, args: { id: lease } },
    ...{ fromBlock: settled.blockNumber, toBlock: settled.blockNumber },
  } as const
  const [slashes, forfeits] = await Promise.all([
    publicClient.getContractEvents({ ...inIt, eventName: 'Slashed' }),
    publicClient.getContractEvents({ ...inIt, eventName: 'BondForfeited' }),
  ])
  const ofThis = <Log extends { transactionHash: Hex }>(logs: readonly Log[]) =>
    logs.filter(({ transactionHash }) => transactionHash === settled.transactionHash)
  const isOwn = (other: Address) => other.toLowerCase() === account.toLowerCase()
  let taken = 0n
  for (const { args } of ofThis(slashes)) {
    if (isOwn(args.winner!)) taken += args.toWinner!
    if (isOwn(terms.tasker)) taken += args.toTasker!
  }
  for (const { args } of ofThis(forfeits)) taken -= args.toArbiter! + args.toProvider! + args.burned!
  return { outcome: OUTCOMES[settled.args.outcome!]!, taken }
}
