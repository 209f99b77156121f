/** A case as the chain has it: nothing in it is anybody's word but the contracts'. */
import { firstBlockSince } from '@millrace/agent'
import {
  amountOf,
  type Dispute,
  getChain,
  getDispute,
  getLease,
  hashResult,
  type Job,
  type LeaseStatus,
  leaseIdOf,
  type MillraceClient,
  type Result,
  readLease,
  type Scheme,
  schemeLeaf,
  type Terms,
} from '@millrace/sdk'
import { arbiterSchemeAbi, disputesAbi } from '@millrace/sdk/abi'
import { type Address, encodeAbiParameters, type Hex, keccak256 } from 'viem'

export interface ChainCase {
  readonly id: Hex
  readonly lease: Hex
  /** The ticket's index in its lease. */
  readonly index: number
  readonly job: Job
  /** The result that is contested. */
  readonly result: Result
  readonly scheme: Scheme
  readonly arbiter: Address
  readonly challenger: Address
  readonly provider: Address
  /** Unix seconds: from then on no verdict counts. */
  readonly ruleBy: bigint
  readonly terms: Terms
  /** What `settle` takes. */
  readonly dispute: Dispute
}

/** A case that is not to be found, that was ended already, or whose end no verdict changes. */
export class CaseError extends Error {
  override readonly name = 'CaseError'
  readonly code: 'case-unknown' | 'case-ruled' | 'case-moot' | 'case-inconsistent'
  readonly retryable = false

  constructor(code: CaseError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Reads a case from the chain's log. Which lease it is about and that lease's terms come from the matcher: the
 * hash of the terms is the lease's name, so that wrong ones are noticed.
 */
export async function readCase(client: MillraceClient, id: Hex): Promise<ChainCase> {
  const { publicClient, contracts } = await getChain(client)
  const receiver = contracts.disputes
  const at = { address: receiver, abi: disputesAbi } as const
  const [scheme, ruleBy, verdict] = await publicClient.readContract({
    ...at,
    functionName: 'caseOf',
    args: [id],
  })
  if (BigInt(scheme) === 0n) throw new CaseError('case-unknown', `The chain has no open case ${id}.`)
  if (verdict !== 0) throw new CaseError('case-ruled', `Case ${id} was ruled already.`)

  const { lease } = await getDispute(client, { caseId: id })
  const { terms } = await getLease(client, { lease })
  const openedAt = BigInt(ruleBy) - terms.disputeLimit
  const fromBlock = await firstBlockSince(publicClient, openedAt)
  const [[dispute], [told]] = await Promise.all([
    publicClient.getContractEvents({ ...at, eventName: 'DisputeOpened', args: { caseId: id }, fromBlock }),
    publicClient.getContractEvents({
      ...{ address: scheme, abi: arbiterSchemeAbi, eventName: 'CaseOpened' },
      args: { caseId: id, receiver },
      fromBlock,
    }),
  ])
  if (!dispute || !told) throw new CaseError('case-unknown', `The chain’s log does not show case ${id}.`)
  const facts = told.args.facts!
  const found: ChainCase = {
    id,
    lease: facts.lease,
    index: facts.index,
    job: { ...facts.job, deadline: BigInt(facts.job.deadline) },
    result: facts.result,
    scheme: { ...facts.scheme, scheme: lower(facts.scheme.scheme), arbiter: lower(facts.scheme.arbiter) },
    arbiter: lower(told.args.arbiter!),
    challenger: lower(facts.challenger),
    provider: lower(facts.provider),
    ruleBy: BigInt(facts.ruleBy),
    terms,
    dispute: {
      lease: facts.lease,
      index: facts.index,
      result: hashResult(facts.result),
      challenger: facts.challenger,
      bond: dispute.args.bond!,
      amount: dispute.args.amount!,
      openedAt,
    },
  }
  const wrong = inconsistency(found)
  if (wrong) throw new CaseError('case-inconsistent', `Case ${id}: ${wrong}.`)
  await refuseMoot(client, found)
  return found
}

/**
 * Asks the chain whether a verdict would still count. The contract would take one that does not: it would cost the
 * arbiter its gas and pay no fee.
 *
 * @throws {CaseError} `case-moot`
 */
export async function refuseMoot(
  client: MillraceClient,
  { id, lease }: Pick<ChainCase, 'id' | 'lease'>,
): Promise<void> {
  const why = mootBy((await readLease(client, { lease })).status)
  if (!why) return
  throw new CaseError(
    'case-moot',
    `Case ${id} is moot: its lease ${why}. A verdict would move no money and pay no fee; anyone may settle the case, ` +
      'which gives the challenger its bond back.',
  )
}

/** Why no verdict counts in a lease of this status, or nothing. */
export function mootBy(status: LeaseStatus): string | undefined {
  if (status === 'closed') return 'was closed by both of its parties'
  if (status === 'slashed') return 'was slashed in another case'
  return undefined
}

/** What does not fit together in a case, or nothing. */
export function inconsistency({ id, lease, terms, scheme, result, dispute }: ChainCase): string | undefined {
  if (leaseIdOf(terms) !== lease) return 'the matcher’s terms are not those of its lease'
  if (schemeLeaf(scheme) !== terms.scheme) return 'its scheme is not the one in the terms'
  if (dispute.amount !== amountOf(terms.price, result.fuelUsed, terms.jobFuel))
    return 'its amount is not the result’s'
  return disputeId(dispute) === id ? undefined : 'its name is not the hash of its facts'
}

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
