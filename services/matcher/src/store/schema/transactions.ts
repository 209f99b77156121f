import { bigint, integer, numeric, pgTable, serial, text, timestamp } from 'drizzle-orm/pg-core'

/**
 * The hot key's transactions, written with their raw bytes before they are broadcast. One row a nonce: a
 * replacement with a higher fee overwrites raw bytes and hash and keeps the old hashes, any of which may win.
 */
export const transactions = pgTable('transactions', {
  id: serial().primaryKey(),
  nonce: integer().notNull().unique(),
  to: text().notNull(),
  data: text().notNull(),
  gas: numeric({ mode: 'bigint' }).notNull(),
  maxFeePerGas: numeric({ mode: 'bigint' }).notNull(),
  maxPriorityFeePerGas: numeric({ mode: 'bigint' }).notNull(),
  raw: text().notNull(),
  hash: text().notNull(),
  replaced: text().array().notNull(),
  state: text({ enum: ['signed', 'sent', 'mined', 'confirmed', 'lost'] }).notNull(),
  block: bigint({ mode: 'number' }),
  blockHash: text(),
  status: text({ enum: ['success', 'reverted'] }),
  gasUsed: numeric({ mode: 'bigint' }),
  createdAt: timestamp({ withTimezone: true }).notNull(),
  sentAt: timestamp({ withTimezone: true }),
})
