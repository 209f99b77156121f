import { bigint, bigserial, jsonb, numeric, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

/** Signed asks and bids, as they were accepted. `seq` is the time priority of the book. */
export const orders = pgTable('orders', {
  digest: text().primaryKey(),
  seq: bigserial({ mode: 'number' }).notNull(),
  kind: text({ enum: ['ask', 'bid'] }).notNull(),
  account: text().notNull(),
  token: text().notNull(),
  /** The order, its scheme or schemes and its job, in the JSON that arrived. */
  document: jsonb().notNull(),
  signature: text().notNull(),
  /** `open` orders are matched; `elsewhere` ones were never sent here, and are known from leases on chain. */
  status: text({ enum: ['open', 'expired', 'cancelled', 'elsewhere'] }).notNull(),
  /** Fuel leased on chain; for a bid with a job, attempts opened. */
  filled: numeric({ mode: 'bigint' }).notNull(),
  expiry: bigint({ mode: 'number' }).notNull(),
  createdAt: timestamp({ withTimezone: true }).notNull(),
})
