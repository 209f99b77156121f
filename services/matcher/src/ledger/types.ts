import { OUTCOMES } from '@millrace/sdk'
import type { EventType } from '@millrace/sdk/api'

const TYPES: Record<string, EventType> = {
  Opened: 'lease.opened',
  Stopped: 'lease.stopped',
  Claimed: 'lease.claimed',
  Declined: 'lease.declined',
  Unclaimed: 'lease.unclaimed',
  Closed: 'lease.closed',
  Slashed: 'lease.slashed',
  Final: 'lease.final',
  Redeemed: 'voucher.redeemed',
  DisputeOpened: 'dispute.opened',
  Split: 'dispute.moved',
  Ruled: 'dispute.ruled',
  DisputeSettled: 'dispute.settled',
  LeafDemanded: 'demand.opened',
  DeliveryDemanded: 'demand.opened',
  LeafShown: 'demand.answered',
  DeliveryShown: 'demand.answered',
  LeafLapsed: 'demand.lapsed',
  DeliveryLapsed: 'demand.lapsed',
}

/** What a contract's event is called in the API; undefined for those that subscribers are not told of. */
export function eventTypeOf({ name, args }: { name: string; args: unknown }): EventType | undefined {
  const settled = name === 'DisputeSettled' && OUTCOMES[Number((args as { outcome: unknown }).outcome)]
  return settled === 'timed-out' ? 'dispute.timedout' : TYPES[name]
}
