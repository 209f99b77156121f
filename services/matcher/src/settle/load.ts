/** From an intent to the call that does it, out of rows alone. */
import { type Closing, type Dispute, type Match, type Scheme, schemeProof, type Terms } from '@millrace/sdk'
import { and, eq, inArray } from 'drizzle-orm'
import type { Hex } from 'viem'
import type { Context } from '../context.ts'
import type { Intent } from '../journal/intents.ts'
import { type LeaseRow, termsIn } from '../leases/view.ts'
import { askDocument, bidDocument } from '../orders/document.ts'
import { fromPayload, type PairingPayload } from '../orders/matching.ts'
import { chainLogs, leases, orders } from '../store/schema/index.ts'
import type { WireClose } from '../store/wire.ts'

/** What is needed is not there (any more): a reorganisation took the lease, say. */
export class MissingError extends Error {
  override readonly name = 'MissingError'
}

export async function loadMatch({ db }: Context, intent: Intent): Promise<Match> {
  const {
    ask: askDigest,
    bid: bidDigest,
    seq,
    fuel,
    bidIsMaker,
  } = fromPayload(intent.payload as PairingPayload)
  const rows = await db
    .select()
    .from(orders)
    .where(inArray(orders.digest, [askDigest, bidDigest]))
  const askRow = rows.find(({ digest }) => digest === askDigest)
  const bidRow = rows.find(({ digest }) => digest === bidDigest)
  if (!askRow || !bidRow) throw new MissingError(`an order of ${intent.id}`)
  const { ask, schemes } = askDocument.parse(askRow.document)
  const { bid, scheme, job } = bidDocument.parse(bidRow.document)
  const previous = job && seq > 0n ? [await loadAttempt(db, bidDigest, seq - 1n)] : []
  return {
    ask,
    askSignature: askRow.signature as Hex,
    bid,
    bidSignature: bidRow.signature as Hex,
    seq,
    fuel,
    bidIsMaker,
    scheme,
    schemeProof: schemeProof(schemes, scheme),
    previous,
  }
}

export async function loadClosing({ db }: Context, intent: Intent): Promise<Closing> {
  const lease = await loadLease(db, subjectOf(intent))
  const close = lease.close as WireClose | null
  if (!close?.taskerSignature || !close.providerSignature)
    throw new MissingError(`a signature of ${intent.id}`)
  return {
    terms: termsIn(lease),
    owed: BigInt(close.owed),
    until: BigInt(close.until),
    taskerSignature: close.taskerSignature as Hex,
    providerSignature: close.providerSignature as Hex,
  }
}

export async function loadTerms({ db }: Context, intent: Intent): Promise<Terms> {
  return termsIn(await loadLease(db, subjectOf(intent)))
}

export interface CasePapers {
  terms: Terms
  scheme: Scheme
  dispute: Dispute
}

export async function loadCase(context: Context, intent: Intent): Promise<CasePapers> {
  const { db } = context
  const id = subjectOf(intent)
  const [log] = await db
    .select()
    .from(chainLogs)
    .where(and(eq(chainLogs.case, id), eq(chainLogs.name, 'DisputeOpened')))
  if (!log?.lease) throw new MissingError(`case ${id}`)
  const { terms, scheme } = await loadLeaseWithScheme(context, log.lease)
  const args = log.args as Record<'result' | 'challenger', Hex> & Record<string, string | number>
  const dispute = {
    lease: log.lease as Hex,
    index: Number(args.index),
    result: args.result,
    challenger: args.challenger,
    bond: BigInt(args.bond!),
    amount: BigInt(args.amount!),
    openedAt: BigInt(args.ruleBy!) - terms.disputeLimit,
  }
  return { terms, scheme, dispute }
}

export async function loadLeaseWithScheme(
  { db }: Context,
  id: string,
): Promise<{ terms: Terms; scheme: Scheme }> {
  const lease = await loadLease(db, id)
  const [bid] = await db.select().from(orders).where(eq(orders.digest, lease.bid))
  return { terms: termsIn(lease), scheme: bidDocument.parse(bid!.document).scheme }
}

async function loadLease(db: Context['db'], id: string): Promise<LeaseRow> {
  const [row] = await db.select().from(leases).where(eq(leases.id, id))
  if (!row) throw new MissingError(`lease ${id}`)
  return row
}

async function loadAttempt(db: Context['db'], bid: string, seq: bigint): Promise<Terms> {
  const [row] = await db
    .select()
    .from(leases)
    .where(and(eq(leases.bid, bid), eq(leases.seq, seq)))
  if (!row) throw new MissingError(`attempt ${seq} of ${bid}`)
  return termsIn(row)
}

/** `expire.<lease>` → `<lease>`; of a demand, what was demanded follows it. */
export function subjectOf({ id, kind }: Pick<Intent, 'id' | 'kind'>): string {
  return id.slice(kind.length + 1)
}
