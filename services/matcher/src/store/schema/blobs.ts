import { bigint, customType, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' })

/** What is in the blob store; `usedAt` decides which goes first when the store is full. */
export const blobs = pgTable('blobs', {
  root: text().primaryKey(),
  kind: text({ enum: ['program', 'data'] }).notNull(),
  size: bigint({ mode: 'number' }).notNull(),
  usedAt: timestamp({ withTimezone: true }).notNull(),
  /** Data that came inline; all else is a file. */
  bytes: bytea(),
})
