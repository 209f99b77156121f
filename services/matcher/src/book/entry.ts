import type { Ask, Bid, Job, Scheme } from '@millrace/sdk'
import type { Address, Hex } from 'viem'

interface Entry {
  /** The order's EIP-712 digest. */
  digest: Hex
  /** Place in the order of arrival: the time in price-time priority. */
  seq: number
  /** Fuel that is neither leased nor spoken for by a lease that is being opened. */
  remaining: bigint
}

export interface AskEntry extends Entry {
  ask: Ask
  /** The schemes under the ask's root, and their leaves in the same order. */
  schemes: readonly Scheme[]
  leaves: readonly Hex[]
}

export interface BidEntry extends Entry {
  bid: Bid
  scheme: Scheme
  /** The job that it carries, where it carries one. */
  job?: Job
  /** What `seq` of the next lease must be: fuel filled so far, or the number of the attempt. */
  next: bigint
  /** Providers that failed an earlier attempt of this job. */
  excluded: readonly Address[]
  /** Asks that the chain refused to pair it with a moment ago. */
  barred: ReadonlySet<Hex>
}

/** Free money of an account, less what leases that are being opened will lock. */
export type Purse = (account: Address, token: Address) => bigint
