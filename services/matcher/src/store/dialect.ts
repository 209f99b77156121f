/** The database as everything else sees it, whichever driver stands behind it. */
import type { ExtractTablesWithRelations } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT, PgTransaction } from 'drizzle-orm/pg-core'
import type * as schema from './schema/index.ts'

interface Result extends PgQueryResultHKT {
  type: { rows: Record<string, unknown>[] }
}
type Relations = ExtractTablesWithRelations<typeof schema>
export type Database = PgDatabase<Result, typeof schema, Relations>
export type Tx = PgTransaction<Result, typeof schema, Relations> | Database
