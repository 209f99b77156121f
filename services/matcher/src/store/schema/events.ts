import { bigserial, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

/** What happened, in the order in which it was committed; a subscriber that comes back reads on from an id. */
export const events = pgTable('events', {
  id: bigserial({ mode: 'number' }).primaryKey(),
  at: timestamp({ withTimezone: true }).notNull(),
  type: text().notNull(),
  /** Whom it concerns. */
  accounts: text().array().notNull(),
  order: text(),
  lease: text(),
  job: text(),
  tx: text(),
  /** The view that it carries; none for `job.*`, whose view is made from the job when it is replayed. */
  data: jsonb(),
})
