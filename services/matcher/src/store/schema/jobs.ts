import { bigserial, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

/** Jobs by ticket hash: how far each came off chain. What was paid or slashed follows from its lease. */
export const jobs = pgTable('jobs', {
  id: text().primaryKey(),
  seq: bigserial({ mode: 'number' }).notNull(),
  lease: text().notNull(),
  index: integer().notNull(),
  order: text(),
  tasker: text().notNull(),
  provider: text().notNull(),
  ticket: jsonb().notNull(),
  /** The tasker's; none on the only ticket of a job lease. */
  signature: text(),
  state: text({ enum: ['queued', 'dispatched', 'accepted', 'declined', 'result'] }).notNull(),
  reason: text(),
  acceptance: text(),
  result: jsonb(),
  resultSignature: text(),
  /** Why the program trapped, as its provider says. */
  trap: text(),
  /** The store's signature on Delivered. */
  receipt: text(),
  /** When it came to each state: [{at, state, note?}]. */
  moments: jsonb().notNull(),
  createdAt: timestamp({ withTimezone: true }).notNull(),
})
