/** Which leases are this agent's, and what their terms are. */
import { leaseIdOf, type Terms } from '@millrace/sdk'
import type { Address, Hex } from 'viem'
import type { Journal } from './journal/journal.ts'
import type { ChainPort, MatcherPort } from './ports.ts'

export interface Leases {
  /** Writes a lease down if it is this agent's; says whether it is. What it is worth, the chain is asked. */
  adopt(lease: { readonly id: Hex; readonly terms: Terms }): boolean
  /**
   * The terms of a lease that the chain has opened under this name.
   *
   * @throws {ForeignLeaseError} if it is not this agent's
   * @throws {LeaseUnknownError} if the chain does not know it yet
   */
  termsOf(id: Hex): Promise<Terms>
}

/** The matcher is ahead of this agent's node, or invents leases. */
export class LeaseUnknownError extends Error {
  override readonly name = 'LeaseUnknownError'
  readonly code = 'lease-unknown'
  readonly retryable = true

  constructor(id: Hex) {
    super(`The chain does not know lease ${id}.`)
  }
}

/** Terms that name another provider's key, or are not the lease's. */
export class ForeignLeaseError extends Error {
  override readonly name = 'ForeignLeaseError'
  readonly code = 'foreign-lease'
  readonly retryable = false

  constructor(id: Hex) {
    super(`Lease ${id} is not this agent’s, or its terms are not those that the matcher showed.`)
  }
}

export interface LeaseDeps {
  readonly journal: Journal
  readonly matcher: MatcherPort
  readonly chain: ChainPort
  /** The key that leases must name. */
  readonly key: Address
}

export function createLeases({ journal, matcher, chain, key }: LeaseDeps): Leases {
  /** Seen on chain by this process: terms never change, so that once is enough. */
  const opened = new Set<Hex>()

  const adopt: Leases['adopt'] = ({ id, terms }) => {
    if (terms.providerKey !== key || leaseIdOf(terms) !== id) return false
    journal.addLease(id, terms)
    return true
  }

  return {
    adopt,
    termsOf: async (id) => {
      const known = journal.lease(id)?.terms
      if (known && opened.has(id)) return known
      if (!known && !adopt(await matcher.lease(id))) throw new ForeignLeaseError(id)
      const { terms } = journal.lease(id)!
      const { status } = await chain.lease(id, terms)
      if (status === 'none') throw new LeaseUnknownError(id)
      opened.add(id)
      return terms
    },
  }
}
