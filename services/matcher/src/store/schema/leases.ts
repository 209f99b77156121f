import { bigint, boolean, integer, jsonb, numeric, pgTable, text } from 'drizzle-orm/pg-core'

/** Leases. What the chain says is folded from `chain_logs`; vouchers and closes are what the parties sent. */
export const leases = pgTable('leases', {
  id: text().primaryKey(),
  ask: text().notNull(),
  bid: text().notNull(),
  seq: numeric({ mode: 'bigint' }).notNull(),
  tasker: text().notNull(),
  provider: text().notNull(),
  fuel: numeric({ mode: 'bigint' }).notNull(),
  terms: jsonb().notNull(),
  /** Folded from the chain's logs. */
  state: text({
    enum: ['open', 'stopped', 'claimed', 'declined', 'unclaimed', 'closed', 'slashed', 'final'],
  }).notNull(),
  paid: numeric({ mode: 'bigint' }).notNull(),
  claimed: numeric({ mode: 'bigint' }).notNull(),
  closedAt: bigint({ mode: 'number' }).notNull(),
  stoppedAt: bigint({ mode: 'number' }).notNull(),
  disputes: integer().notNull(),
  demands: integer().notNull(),
  openedBlock: bigint({ mode: 'number' }).notNull(),
  /** Nothing can happen to it any more: the keepers leave it alone. */
  over: boolean().notNull(),
  /** Latest voucher: {owed, signature}. */
  voucher: jsonb(),
  /** Signatures gathered for a close: {owed, until, providerSignature?, taskerSignature?}. */
  close: jsonb(),
})
