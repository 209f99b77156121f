import { jsonb, pgTable, text } from 'drizzle-orm/pg-core'

/** What a challenge showed, from its calldata: {ticket, result, signatures}. */
export const evidence = pgTable('evidence', {
  case: text().primaryKey(),
  papers: jsonb().notNull(),
})
