/** For each kind of intent: the call that does one, and the call that does many at once. */
import {
  type Call,
  closeBatchCall,
  closeCall,
  expireCall,
  finaliseBatchCall,
  finaliseCall,
  lapseAcceptedCall,
  lapseCall,
  openBatchCall,
  openCall,
  settleDisputeCall,
  timeoutDisputeCall,
} from '@millrace/sdk'
import type { Hex } from 'viem'
import type { Context } from '../context.ts'
import type { Intent, IntentKind } from '../journal/intents.ts'
import { loadCase, loadClosing, loadLeaseWithScheme, loadMatch, loadTerms, subjectOf } from './load.ts'

interface Kind<T> {
  load(context: Context, intent: Intent): Promise<T>
  one(context: Context, item: T): Call
  /** None where the contract has no batch for it: each goes alone then. */
  many?(context: Context, items: T[]): Call
  /** Becomes possible by the time alone: the block to come counts, since an idle chain's last one may be old. */
  isTimed?: boolean
}

const kind = <T>(definition: Kind<T>) => definition as Kind<unknown>

export const KINDS: Record<IntentKind, Kind<unknown>> = {
  open: kind({
    load: loadMatch,
    one: ({ contracts: { leases } }, match) => openCall({ leases, match }),
    many: ({ contracts: { leases } }, matches) => openBatchCall({ leases, matches }),
  }),
  close: kind({
    load: loadClosing,
    one: ({ contracts: { leases } }, closing) => closeCall({ leases, closing }),
    many: ({ contracts: { leases } }, closings) => closeBatchCall({ leases, closings }),
  }),
  finalise: kind({
    isTimed: true,
    load: loadTerms,
    one: ({ contracts: { leases } }, terms) => finaliseCall({ leases, terms }),
    many: ({ contracts: { leases } }, terms) => finaliseBatchCall({ leases, terms }),
  }),
  expire: kind({
    isTimed: true,
    load: loadTerms,
    one: ({ contracts: { leases } }, terms) => expireCall({ leases, terms }),
  }),
  settle: kind({
    load: loadCase,
    one: ({ contracts: { disputes } }, papers) => settleDisputeCall({ disputes, ...papers }),
  }),
  timeout: kind({
    isTimed: true,
    load: loadCase,
    one: ({ contracts: { disputes } }, papers) => timeoutDisputeCall({ disputes, ...papers }),
  }),
  lapse: kind({
    isTimed: true,
    load: async (context, intent) => {
      const [lease, index] = subjectOf(intent).split('.')
      return { ...(await loadLeaseWithScheme(context, lease!)), index: Number(index) }
    },
    one: ({ contracts: { demands } }, papers) => lapseCall({ demands, ...papers }),
  }),
  'lapse-delivery': kind({
    isTimed: true,
    load: async (context, intent) => {
      const [lease, ticket] = subjectOf(intent).split('.')
      return { ...(await loadLeaseWithScheme(context, lease!)), ticketHash: ticket as Hex }
    },
    one: ({ contracts: { demands } }, papers) => lapseAcceptedCall({ demands, ...papers }),
  }),
}
