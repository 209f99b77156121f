/** Opens the journal's database so that what was written survives a power cut. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { MIGRATIONS } from './schema.ts'

/** Another process works with the same data folder: two watchers would put up two bonds for one lie. */
export class JournalInUseError extends Error {
  override readonly name = 'JournalInUseError'
  readonly code = 'journal-in-use'
  readonly retryable = false
  readonly remedy = 'Stop the other watcher, or give this one a data folder of its own.'
  readonly facts: { readonly folder: string }

  constructor(folder: string, options?: ErrorOptions) {
    super(`Another watcher uses ${folder}.`, options)
    this.facts = { folder }
  }
}

/** Opens `watcher.sqlite` in `folder`, alone, and brings its tables up to date. */
export function openDatabase(folder: string): DatabaseSync {
  // The journal holds strangers' inputs: they are nobody else's business.
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const database = new DatabaseSync(join(folder, 'watcher.sqlite'), { timeout: 0 })
  try {
    // A lock that is kept from the first write on: it ends with the process, however that ends.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    database.exec('PRAGMA foreign_keys = ON')
    database.exec('BEGIN IMMEDIATE')
  } catch (error) {
    database.close()
    if (error instanceof Error && /locked|busy/i.test(error.message)) {
      throw new JournalInUseError(folder, { cause: error })
    }
    throw error
  }
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
  for (const migration of MIGRATIONS.slice(version)) database.exec(migration)
  database.exec(`PRAGMA user_version = ${MIGRATIONS.length}; COMMIT`)
  return database
}
