/** Disputes, from the contracts' events and the calldata of the challenge. */
import { foldGame, type GameView, hashResult, OUTCOMES } from '@millrace/sdk'
import { type DisputeState, disputeGameSchema, resultSchema } from '@millrace/sdk/api'
import { and, asc, eq, isNotNull } from 'drizzle-orm'
import { type Hex, zeroHash } from 'viem'
import { z } from 'zod'
import type { LogRow } from '../leases/view.ts'
import type { Papers } from '../ledger/calldata.ts'
import type { BidDocument } from '../orders/document.ts'
import type { Database, Tx } from '../store/database.ts'
import { chainLogs, evidence, jobs, leases, orders } from '../store/schema/index.ts'
import type { WireDisputeView, WireResult, WireScheme, WireTicket } from '../store/wire.ts'

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

/** Undefined where no such case was opened, or nothing tells what it is about. */
export async function disputeView(db: Database | Tx, id: string): Promise<WireDisputeView | undefined> {
  const logs = await caseLogs(db, id)
  const opened = logs.find((log) => log.name === 'DisputeOpened')
  if (!opened) return undefined
  const [row] = await db.select().from(evidence).where(eq(evidence.case, id))
  const papers = row?.papers as Papers | undefined
  const matter = told(logs) ?? (await played(db, logs, opened, papers))
  if (!matter) return undefined
  const dispute = opened.args as Record<string, string> & { index: number }
  const ruled = logs.find((log) => log.name === 'Ruled')
  return {
    id: id as Hex,
    lease: dispute.lease as Hex,
    index: dispute.index,
    ...matter,
    challenger: dispute.challenger as Hex,
    bond: dispute.bond!,
    openedAt: String(opened.time),
    ruleBy: String(dispute.ruleBy),
    state: standingOf(logs),
    evidence: shown(papers),
    verdict: ruled && {
      guilty: Number((ruled.args as { verdict: unknown }).verdict) === 1,
      tx: ruled.tx as Hex,
    },
  }
}

type Matter = Pick<WireDisputeView, 'job' | 'result' | 'scheme' | 'provider' | 'game'>

/** What the arbiter's scheme tells of a case: all of it. */
function told(logs: readonly LogRow[]): Matter | undefined {
  const log = logs.find(({ name }) => name === 'CaseOpened')
  if (!log) return undefined
  const { facts } = log.args as { facts: Facts }
  return {
    job: widened(facts.job, ['fuel', 'deadline']),
    result: widened(facts.result, ['fuelUsed']),
    scheme: widened(facts.scheme, ['arbiterFee']),
    provider: facts.provider as Hex,
  }
}

/** What the proof scheme tells, which is what the machine knows; the rest from whoever brought or kept it. */
async function played(
  db: Database | Tx,
  logs: readonly LogRow[],
  { args }: LogRow,
  papers: Papers | undefined,
): Promise<Matter | undefined> {
  const game = foldGame(
    logs.map(({ name, args, tx, block }) => ({
      eventName: name,
      args,
      transactionHash: tx as Hex,
      blockNumber: BigInt(block),
    })),
  )
  const dispute = args as { lease: string; index: number; result: string }
  const scheme = papers?.scheme ?? (await schemeOf(db, dispute.lease))
  if (!game || !scheme) return undefined
  const { job, result } =
    (papers && { job: papers.ticket.job, result: papers.result }) ??
    (await keptDocuments(db, dispute)) ??
    contestedOf(game)
  return { job, result, scheme, provider: game.provider, game: z.encode(disputeGameSchema, game) }
}

async function schemeOf(db: Database | Tx, lease: string): Promise<WireScheme | undefined> {
  const [bid] = await db
    .select({ document: orders.document })
    .from(leases)
    .innerJoin(orders, eq(orders.digest, leases.bid))
    .where(eq(leases.id, lease))
  return bid && (bid.document as BidDocument).scheme
}

/** Ticket and result as the matcher itself was sent them. */
async function keptDocuments(
  db: Database | Tx,
  { lease, index, result }: { lease: string; index: number; result: string },
): Promise<Pick<Matter, 'job' | 'result'> | undefined> {
  const [row] = await db
    .select()
    .from(jobs)
    .where(and(eq(jobs.lease, lease), eq(jobs.index, index)))
  if (!row?.result || hashResult(resultSchema.parse(row.result)) !== result) return undefined
  return { job: (row.ticket as WireTicket).job, result: row.result as WireResult }
}

/** Deadline and ticket are all that the game does not know of them. */
function contestedOf({ contested }: GameView): Pick<Matter, 'job' | 'result'> {
  const { status, fuelUsed, output, fuel, ...job } = contested
  return {
    job: { ...job, fuel: fuel.toString(), deadline: '0' },
    result: { ticket: zeroHash, status, fuelUsed: fuelUsed.toString(), output },
  }
}

function shown(papers: Papers | undefined): WireDisputeView['evidence'] {
  if (!papers?.signatures) return undefined
  const { ticket, result, signatures } = papers
  return { ticket, result, signatures }
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
