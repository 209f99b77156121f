/** A case as the chain has it: nothing in it is anybody's word but the contracts'. */
import { type Address, encodeAbiParameters, type Hex, keccak256, zeroAddress } from 'viem'
import { arbiterSchemeAbi, disputesAbi, proofSchemeAbi } from '../abi/index.gen.ts'
import { type Dispute, VERDICTS } from '../calls/disputes.ts'
import { type Chain, getChain } from '../client/chain.ts'
import type { MillraceClient } from '../client/client.ts'
import { firstBlockSince, logsBetween } from '../client/logs.ts'
import type { Job } from '../documents/job.ts'
import type { LeaseStatus } from '../documents/lease.ts'
import { amountOf } from '../documents/money.ts'
import { hashResult, type Result } from '../documents/result.ts'
import { type Scheme, schemeLeaf } from '../documents/scheme.ts'
import { leaseIdOf, type Terms } from '../documents/terms.ts'
import { ticketHash } from '../documents/ticket.ts'
import { CaseInconsistentError, CaseMootError, CaseRuledError, CaseUnknownError } from '../errors/case.ts'
import { type Computation, computationHash, computationOf } from '../proof/computation.ts'
import { readLease } from './confirmLease.ts'
import { getDispute } from './disputes.ts'
import { getLease } from './leases.ts'

export interface ChainCase {
  readonly id: Hex
  readonly lease: Hex
  /** The ticket's index in its lease. */
  readonly index: number
  readonly job: Job
  /** The result that is contested. */
  readonly result: Result
  readonly scheme: Scheme
  /** Zero where the scheme asks nobody. */
  readonly arbiter: Address
  readonly challenger: Address
  readonly provider: Address
  /** Unix seconds: from then on no verdict counts. */
  readonly ruleBy: bigint
  readonly terms: Terms
  /** What `settleDispute` takes. */
  readonly dispute: Dispute
}

/** What a caller knows of a case: then no matcher is asked for it. All of it is checked. */
export interface KnownCase {
  readonly terms: Terms
  readonly scheme: Scheme
  readonly job: Job
  readonly result: Result
}

/** The slot of a case. Its scheme is zero where there is none, or none any more. */
export interface CaseOnChain {
  scheme: Address
  ruleBy: bigint
  verdict: (typeof VERDICTS)[number]
}

export async function readCaseSlot(client: MillraceClient, caseId: Hex): Promise<CaseOnChain> {
  const { publicClient, contracts } = await getChain(client)
  const [scheme, ruleBy, verdict] = await publicClient.readContract({
    address: contracts.disputes,
    abi: disputesAbi,
    functionName: 'caseOf',
    args: [caseId],
  })
  return { scheme: lower(scheme), ruleBy: BigInt(ruleBy), verdict: VERDICTS[verdict]! }
}

/**
 * Reads a case that is still to be ruled from the chain's log. Which lease it is about and what that lease's terms are
 * comes from the matcher, or from `known`: hashes on chain name both, so that what is wrong is noticed.
 *
 * @throws {CaseUnknownError} {@link CaseRuledError} {@link CaseMootError} {@link CaseInconsistentError}
 */
export async function readCase(client: MillraceClient, id: Hex, known?: KnownCase): Promise<ChainCase> {
  const slot = await readCaseSlot(client, id)
  if (slot.scheme === zeroAddress) throw new CaseUnknownError({ caseId: id })
  if (slot.verdict !== 'none') throw new CaseRuledError({ caseId: id })
  const found = await readFacts(client, id, slot, known)
  await refuseMoot(client, found)
  return found
}

/** The same of any case that is not settled. */
export async function readUnsettled(
  client: MillraceClient,
  id: Hex,
  known?: KnownCase,
): Promise<ChainCase | undefined> {
  const slot = await readCaseSlot(client, id)
  return slot.scheme === zeroAddress ? undefined : readFacts(client, id, slot, known)
}

async function readFacts(
  client: MillraceClient,
  id: Hex,
  { scheme: schemeAddress, ruleBy }: CaseOnChain,
  known: KnownCase | undefined,
): Promise<ChainCase> {
  const chain = await getChain(client)
  const { terms, scheme, job, result } = known ?? (await askMatcher(client, id))
  const openedAt = ruleBy - terms.disputeLimit
  const fromBlock = await firstBlockSince(chain.publicClient, openedAt)
  const [dispute, contested] = await Promise.all([
    disputeOpened(chain, id, fromBlock),
    caseOpened(chain, id, schemeAddress, fromBlock),
  ])
  if (!dispute || !contested) throw new CaseUnknownError({ caseId: id })
  const { lease, index, challenger, bond, amount } = dispute
  const found: ChainCase = {
    id,
    ...{ lease, index, job, result, scheme, ruleBy, terms },
    arbiter: scheme.arbiter,
    challenger: lower(challenger),
    provider: terms.provider,
    dispute: { lease, index, result: dispute.result, challenger, bond, amount, openedAt },
  }
  const wrong =
    inconsistency(found) ?? (contested === contestedHash(found) ? undefined : 'its result or job is another')
  if (wrong) throw new CaseInconsistentError({ caseId: id, what: wrong })
  return found
}

async function askMatcher(client: MillraceClient, caseId: Hex): Promise<KnownCase> {
  const { lease, job, result, scheme } = await getDispute(client, { caseId })
  const { terms } = await getLease(client, { lease })
  return { terms, scheme, job, result }
}

async function disputeOpened({ publicClient, contracts }: Chain, caseId: Hex, from: bigint) {
  const to = await publicClient.getBlockNumber({ cacheTime: 0 })
  const [opened] = await logsBetween(from, to, (fromBlock, toBlock) =>
    publicClient.getContractEvents({
      ...{ address: contracts.disputes, abi: disputesAbi, eventName: 'DisputeOpened', strict: true },
      ...{ args: { caseId }, fromBlock, toBlock },
    }),
  )
  return opened?.args
}

/** The hash of what the scheme was told to judge. */
async function caseOpened(
  { publicClient, contracts }: Chain,
  caseId: Hex,
  address: Address,
  from: bigint,
): Promise<Hex | undefined> {
  const to = await publicClient.getBlockNumber({ cacheTime: 0 })
  const args = { caseId, receiver: contracts.disputes }
  if (address === contracts.proofScheme) {
    const [opened] = await logsBetween(from, to, (fromBlock, toBlock) =>
      publicClient.getContractEvents({
        ...{ address, abi: proofSchemeAbi, eventName: 'GameOpened', strict: true },
        ...{ args, fromBlock, toBlock },
      }),
    )
    return opened && computationHash(opened.args.contested as Computation)
  }
  const [opened] = await logsBetween(from, to, (fromBlock, toBlock) =>
    publicClient.getContractEvents({
      ...{ address, abi: arbiterSchemeAbi, eventName: 'CaseOpened', strict: true },
      ...{ args, fromBlock, toBlock },
    }),
  )
  if (!opened) return undefined
  const { job, result } = opened.args.facts
  return computationHash(computationOf({ ...job, deadline: BigInt(job.deadline) }, result))
}

const contestedHash = ({ job, result }: ChainCase): Hex => computationHash(computationOf(job, result))

/**
 * Asks the chain whether a verdict would still count. The contract would take one that does not: it would cost the
 * arbiter its gas and pay no fee.
 */
export async function refuseMoot(
  client: MillraceClient,
  { id, lease }: Pick<ChainCase, 'id' | 'lease'>,
): Promise<void> {
  const why = mootBy((await readLease(client, { lease })).status)
  if (why) throw new CaseMootError({ caseId: id, why })
}

/** Why no verdict counts in a lease of this status, or nothing. */
export function mootBy(status: LeaseStatus): string | undefined {
  if (status === 'closed') return 'was closed by both of its parties'
  if (status === 'slashed') return 'was slashed in another case'
  return undefined
}

/** What does not fit together in a case, or nothing. */
export function inconsistency({
  id,
  lease,
  index,
  terms,
  scheme,
  job,
  result,
  dispute,
}: ChainCase): string | undefined {
  if (leaseIdOf(terms) !== lease) return 'the matcher’s terms are not those of its lease'
  if (schemeLeaf(scheme) !== terms.scheme) return 'its scheme is not the one in the terms'
  if (hashResult(result) !== dispute.result) return 'its result is not the contested one'
  if (ticketHash({ lease, index, job }) !== result.ticket) return 'its job is not the contested one'
  const earned = amountOf(terms.price, result.fuelUsed, terms.jobFuel)
  if (dispute.amount !== (earned < MOST_AMOUNT ? earned : MOST_AMOUNT))
    return 'its amount is not the result’s'
  return disputeId(dispute) === id ? undefined : 'its name is not the hash of its facts'
}

/** A result that says more fuel than there is cannot earn more. */
const MOST_AMOUNT = 2n ** 96n - 1n

/** `Dispute.id()` of the contracts. */
export function disputeId(dispute: Dispute): Hex {
  const { lease, index, result, challenger, bond, amount, openedAt } = dispute
  const types = ['bytes32', 'uint32', 'bytes32', 'address', 'uint96', 'uint96', 'uint40'].map((type) => ({
    type,
  }))
  return keccak256(
    encodeAbiParameters(types, [lease, index, result, challenger, bond, amount, Number(openedAt)]),
  )
}

const lower = (address: Address) => address.toLowerCase() as Address
