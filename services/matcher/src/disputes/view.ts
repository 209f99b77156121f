/** Disputes, from the contracts' events and the calldata of the challenge. */
import type { DisputeState } from '@millrace/sdk/api'
import { and, asc, eq, isNotNull } from 'drizzle-orm'
import type { LogRow } from '../leases/view.ts'
import { OUTCOMES } from '../ledger/types.ts'
import type { Database, Tx } from '../store/database.ts'
import { chainLogs, evidence } from '../store/schema/index.ts'
import type { WireDisputeView } from '../store/wire.ts'

export function caseLogs(db: Database | Tx, id: string): Promise<LogRow[]> {
  return db
    .select()
    .from(chainLogs)
    .where(eq(chainLogs.case, id))
    .orderBy(asc(chainLogs.block), asc(chainLogs.index))
}

/** `Case` of the contracts, as the decoder left it. */
interface Facts {
  job: Record<string, unknown>
  result: Record<string, unknown>
  scheme: Record<string, unknown>
  provider: string
}

/** Undefined where no such case was opened. */
export async function disputeView(db: Database | Tx, id: string): Promise<WireDisputeView | undefined> {
  const logs = await caseLogs(db, id)
  const opened = logs.find((log) => log.name === 'DisputeOpened')
  const told = logs.find((log) => log.name === 'CaseOpened')
  if (!opened || !told) return undefined
  const dispute = opened.args as Record<string, string> & { index: number }
  const { facts } = told.args as { facts: Facts }
  const ruled = logs.find((log) => log.name === 'Ruled')
  const [papers] = await db.select().from(evidence).where(eq(evidence.case, id))
  return {
    id: id as `0x${string}`,
    lease: dispute.lease as `0x${string}`,
    index: dispute.index,
    job: widened(facts.job, ['fuel', 'deadline']),
    result: widened(facts.result, ['fuelUsed']),
    scheme: widened(facts.scheme, ['arbiterFee']),
    challenger: dispute.challenger as `0x${string}`,
    provider: facts.provider as `0x${string}`,
    bond: dispute.bond!,
    openedAt: String(opened.time),
    ruleBy: String(dispute.ruleBy),
    state: standingOf(logs),
    evidence: (papers?.papers as WireDisputeView['evidence']) ?? undefined,
    verdict: ruled && {
      guilty: Number((ruled.args as { verdict: unknown }).verdict) === 1,
      tx: ruled.tx as `0x${string}`,
    },
  }
}

/** How a case stands, from its own events. */
export function standingOf(logs: readonly Pick<LogRow, 'name' | 'args'>[]): DisputeState {
  const settled = logs.find((log) => log.name === 'DisputeSettled')
  if (settled) return OUTCOMES[Number((settled.args as { outcome: unknown }).outcome)]!
  return 'open'
}

/** How the dispute over one ticket of a lease stands; of several, the one that decides. */
export async function ticketStanding(
  db: Database | Tx,
  lease: string,
  index: number,
): Promise<DisputeState | 'none'> {
  const logs = await db
    .select()
    .from(chainLogs)
    .where(and(eq(chainLogs.lease, lease), isNotNull(chainLogs.case)))
  const cases = new Map<string, LogRow[]>()
  for (const log of logs) cases.set(log.case!, [...(cases.get(log.case!) ?? []), log])
  const standings = [...cases.values()]
    .filter((own) =>
      own.some(({ name, args }) => name === 'DisputeOpened' && (args as { index: number }).index === index),
    )
    .map(standingOf)
  const deciding = ['guilty', 'timed-out', 'open', 'clean', 'moot'] as const
  return deciding.find((standing) => standings.includes(standing)) ?? 'none'
}

/** viem decodes integers up to 48 bits as numbers; the API has those above 32 bits as decimal strings. */
function widened<T>(value: Record<string, unknown>, fields: readonly string[]): T {
  const wide = fields.map((field) => [field, String(value[field])])
  return { ...value, ...Object.fromEntries(wide) } as T
}
