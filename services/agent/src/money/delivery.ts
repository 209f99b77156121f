/**
 * How an output can be shown to have been delivered, if its tasker demands that on chain: a claim's leaf that cannot
 * be shown costs the collateral, so that nothing is run or claimed for which this is in doubt.
 */
import type { Market } from '@millrace/sdk'
import type { Address } from 'viem'

/** Outputs up to here may be shown on chain instead of a receipt. Bytes, encoded. */
export const ON_CHAIN_BYTES = 8 * 1024

/** The store by which a bid waives delivery. */
const WAIVED: Address = '0x0000000000000000000000000000000000000001'

/** The most bytes of an encoded output that this market can deliver to a lease which names `store`. */
export function deliverableBytes(store: Address, market: Pick<Market, 'matcher' | 'limits'>): number {
  const isKnown = store === WAIVED || store === market.matcher.store
  return isKnown ? market.limits.blobBytes : Math.min(ON_CHAIN_BYTES, market.limits.blobBytes)
}

/** Whether an output can be shown as delivered now. */
export function isDeliverable(size: number, store: Address, receipt: unknown): boolean {
  return size <= ON_CHAIN_BYTES || store === WAIVED || receipt !== undefined
}
