import { bigint, integer, jsonb, numeric, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

/** The contracts' events on the canonical chain. All on-chain state is a fold of these rows. */
export const chainLogs = pgTable(
  'chain_logs',
  {
    block: bigint({ mode: 'number' }).notNull(),
    index: integer().notNull(),
    time: bigint({ mode: 'number' }).notNull(),
    tx: text().notNull(),
    /** Of the whole transaction. */
    gasUsed: numeric({ mode: 'bigint' }).notNull(),
    contract: text().notNull(),
    name: text().notNull(),
    /** Decimal strings and hex. */
    args: jsonb().notNull(),
    /** What it is about, where it is about one. */
    lease: text(),
    case: text(),
    account: text(),
    /** By the matcher's clock; `time` is the chain's. */
    seenAt: timestamp({ withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.block, table.index] })],
)
