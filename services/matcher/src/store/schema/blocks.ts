import { bigint, pgTable, text } from 'drizzle-orm/pg-core'

/** Blocks that were read, with their hashes: a block whose parent is not the one below was reorganised. */
export const blocks = pgTable('blocks', {
  number: bigint({ mode: 'number' }).primaryKey(),
  hash: text().notNull(),
  parent: text().notNull(),
  time: bigint({ mode: 'number' }).notNull(),
})
