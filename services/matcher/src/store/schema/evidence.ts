import { jsonb, pgTable, text } from 'drizzle-orm/pg-core'

/** What a challenge brought along, from its calldata: {scheme, ticket, result, signatures?}. */
export const evidence = pgTable('evidence', {
  case: text().primaryKey(),
  papers: jsonb().notNull(),
})
