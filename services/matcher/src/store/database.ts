import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres'
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite'
import pg from 'pg'
import type { Database, Tx } from './dialect.ts'
import { takeLock } from './lock.ts'
import { migrate } from './migrate.ts'
import * as schema from './schema/index.ts'
import { SyncedNodeFs, syncedParameters } from './syncedFs.ts'

export type { Database, Tx }

/** A database that is open and up to date. */
export interface Store {
  db: Database
  close(): Promise<void>
}

/** Opens the server at `url`, or else Postgres in this process over a directory of its own. */
export async function openDatabase(options: { url?: string; dataDir: string }): Promise<Store> {
  const store = options.url ? openServer(options.url) : await openEmbedded(options.dataDir)
  try {
    await migrate(store.db)
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}

function openServer(url: string): Store {
  const pool = new pg.Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 5_000 })
  // A broken idle connection is replaced when it is next wanted, and the error is met there.
  pool.on('error', () => {})
  return {
    db: drizzlePg(pool, { schema, casing: 'snake_case' }) as unknown as Database,
    close: () => pool.end(),
  }
}

async function openEmbedded(dataDir: string): Promise<Store> {
  mkdirSync(dataDir, { recursive: true })
  const release = takeLock(join(dataDir, 'lock'))
  try {
    const client = await openCluster(join(dataDir, 'postgres'))
    const close = async () => {
      await client.close()
      release()
    }
    return { db: drizzlePglite(client, { schema, casing: 'snake_case' }) as unknown as Database, close }
  } catch (error) {
    release()
    throw error
  }
}

/** Postgres in this process, over a directory that it makes if need be. */
export async function openCluster(directory: string): Promise<PGlite> {
  const client = new PGlite({
    fs: new SyncedNodeFs(directory),
    startParams: syncedParameters(PGlite.defaultStartParams),
  })
  await client.waitReady
  return client
}
