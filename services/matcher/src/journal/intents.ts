/** What is to be done on chain, once: the rows that survive whatever happens to queues and processes. */
import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import type { Database, Tx } from '../store/database.ts'
import { intents } from '../store/schema/index.ts'

export type Intent = typeof intents.$inferSelect
export type IntentKind = Intent['kind']

/** So often a transaction that carried it may fail before it is refused. */
const MOST_TRIES = 5

/** Writes an intent. False where there is one of that name already, unless it was refused. */
export async function addIntent(
  tx: Tx,
  intent: { id: string; kind: IntentKind; payload: unknown },
): Promise<boolean> {
  const rows = await tx
    .insert(intents)
    .values({ ...intent, state: 'waiting', tries: 0, createdAt: new Date() })
    .onConflictDoUpdate({
      target: intents.id,
      set: { payload: intent.payload, state: 'waiting', tries: 0, reason: null, tx: null },
      setWhere: eq(intents.state, 'refused'),
    })
    .returning({ id: intents.id })
  return rows.length > 0
}

export function waitingIntents(db: Database | Tx, ids: readonly string[]): Promise<Intent[]> {
  return db
    .select()
    .from(intents)
    .where(and(inArray(intents.id, [...ids]), eq(intents.state, 'waiting')))
    .orderBy(asc(intents.createdAt))
}

/** Those that are neither done nor refused. */
export function unresolvedIntents(db: Database | Tx, kind?: IntentKind): Promise<Intent[]> {
  const unresolved = inArray(intents.state, ['waiting', 'signed'])
  return db
    .select()
    .from(intents)
    .where(kind ? and(unresolved, eq(intents.kind, kind)) : unresolved)
}

export async function finishIntent(
  tx: Tx,
  id: string,
  state: 'done' | 'refused',
  reason?: string,
): Promise<void> {
  await tx
    .update(intents)
    .set({ state, reason: reason ?? null })
    .where(eq(intents.id, id))
}

/** The transaction came to nothing: its intents wait again, those that failed too often are refused. */
export async function releaseIntents(tx: Tx, transaction: number, reason: string): Promise<void> {
  await tx
    .update(intents)
    .set({
      tries: sql`${intents.tries} + 1`,
      state: sql`case when ${intents.tries} + 1 >= ${MOST_TRIES} then 'refused' else 'waiting' end`,
      tx: null,
      reason,
    })
    .where(and(eq(intents.tx, transaction), eq(intents.state, 'signed')))
}
