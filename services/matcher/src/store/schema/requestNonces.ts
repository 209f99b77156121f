import { bigint, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'

/** Nonces of signed requests, kept until the requests that carried them are too old to be taken. */
export const requestNonces = pgTable(
  'request_nonces',
  { key: text().notNull(), nonce: text().notNull(), expiresAt: bigint({ mode: 'number' }).notNull() },
  (table) => [primaryKey({ columns: [table.key, table.nonce] })],
)
