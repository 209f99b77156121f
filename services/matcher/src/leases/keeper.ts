/** Moves leases on that nobody else moves, so that every lock ends. */
import { eq } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { addIntent } from '../journal/intents.ts'
import { leases } from '../store/schema/index.ts'
import { intentOf, type Move, movesOf } from './moves.ts'
import { foldOf, leaseLogs, termsIn } from './view.ts'

/** Milliseconds after a deadline: others may have moved it by then, and clocks differ. */
const PATIENCE = 500

/** Queues what is due of a lease. Returns in how many milliseconds to look again; undefined at its end. */
export async function keepLease(context: Context, id: string): Promise<number | undefined> {
  const { clock, committer, queues } = context
  const moves = await loadMoves(context, id)
  const now = clock.now()
  const due = moves.filter(({ at }) => at <= now)
  for (const move of due) {
    const intent = intentOf(move)
    await committer.commit((tx) => addIntent(tx, { id: intent, kind: move.action, payload: {} }))
    await queues.add('settlement', intent)
  }
  const next = moves.find(({ at }) => at > now)
  if (next) return clock.until(next.at) + PATIENCE
  // What was tried may be refused, and be possible later.
  return due.length > 0 ? RETRY_MS : undefined
}

/** Puts the next look at a lease into the queue. */
export async function scheduleLease(context: Context, id: string): Promise<void> {
  const [next] = await loadMoves(context, id)
  if (next)
    await context.queues.reschedule('deadlines', `lease.${id}`, context.clock.until(next.at) + PATIENCE)
}

const RETRY_MS = 5_000

async function loadMoves({ db }: Context, id: string): Promise<Move[]> {
  const [row] = await db.select().from(leases).where(eq(leases.id, id))
  if (!row || row.over) return []
  return movesOf(id, termsIn(row), foldOf(row), await leaseLogs(db, id))
}
