import type { Address, Hex } from 'viem'
import { leasesAbi } from '../abi/index.gen.ts'
import { getChain } from '../client/chain.ts'
import type { MillraceClient } from '../client/client.ts'
import { LEASE_STATES, type LeaseStatus } from '../documents/lease.ts'
import { leaseIdOf, type Terms } from '../documents/terms.ts'
import { MillraceError } from '../errors/error.ts'

export interface LeaseOnChain {
  status: LeaseStatus
  /** Fees apart. */
  paid: bigint
  disputes: number
  demands: number
}

/** What the chain keeps of a lease. Its status is `none` where it never opened. */
export async function readLease(client: MillraceClient, { lease }: { lease: Hex }): Promise<LeaseOnChain> {
  const { publicClient, contracts } = await getChain(client)
  const read = { address: contracts.leases, abi: leasesAbi, functionName: 'leaseOf', args: [lease] } as const
  const { status, paid, disputes, demands } = await publicClient.readContract(read)
  return { status: LEASE_STATES[status]!, paid, disputes, demands }
}

/** A lease that somebody tells of is not what was agreed, or is not on chain. */
export class FalseLeaseError extends MillraceError {
  override readonly name = 'FalseLeaseError'

  constructor(what: string, facts: { lease: Hex; bid: Hex; provider?: Address }) {
    super(`Lease ${facts.lease} ${what}.`, {
      code: 'false-lease',
      retryable: false,
      remedy: 'Sign nothing in it. The matcher is wrong or lies: use another, or match the bid yourself.',
      facts,
    })
  }
}

/**
 * Checks that a lease is what its terms say, came from this bid, and is open on chain: a matcher's word for it
 * is not enough to take results from the provider in it.
 */
export async function confirmLease(
  client: MillraceClient,
  { lease, terms, bid }: { lease: Hex; terms: Terms; bid: Hex },
): Promise<void> {
  const facts = { lease, bid, provider: terms.provider }
  if (leaseIdOf(terms) !== lease) throw new FalseLeaseError('is not named by its terms', facts)
  if (terms.bid !== bid) throw new FalseLeaseError('belongs to another bid', facts)
  const { status } = await readLease(client, { lease })
  if (status === 'none') throw new FalseLeaseError('is not on chain', facts)
}
