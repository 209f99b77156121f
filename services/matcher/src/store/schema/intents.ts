import { integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

/**
 * What is to be done on chain, once. The id says what: `open.<bid>.<seq>`, `close.<lease>`, `expire.<lease>`
 * and so on; a second intent of that name is the first one.
 */
export const intents = pgTable('intents', {
  id: text().primaryKey(),
  kind: text({
    enum: ['open', 'close', 'expire', 'finalise', 'settle', 'timeout', 'lapse', 'lapse-delivery'],
  }).notNull(),
  payload: jsonb().notNull(),
  /** `waiting` for a batch, `signed` within a transaction, `done` or `refused` by the chain. */
  state: text({ enum: ['waiting', 'signed', 'done', 'refused'] }).notNull(),
  /** Why it was refused. */
  reason: text(),
  /** The transaction that carries it. */
  tx: integer(),
  tries: integer().notNull(),
  createdAt: timestamp({ withTimezone: true }).notNull(),
})
