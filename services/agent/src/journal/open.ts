/** Opens the journal's database so that what was written survives a power cut. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { MIGRATIONS } from './schema.ts'

/** Another process works with the same data folder: two agents would sign for one key. */
export class JournalInUseError extends Error {
  override readonly name = 'JournalInUseError'
  readonly code = 'journal-in-use'
  readonly retryable = false
  readonly remedy = 'Stop the other agent, or give this one a data folder of its own.'
  readonly folder: string

  constructor(folder: string, options?: ErrorOptions) {
    super(`Another agent uses ${folder}.`, options)
    this.folder = folder
  }
}

/** What was to be written down could not be. Nothing of it was, and nothing is signed that is not written. */
export class DiskFullError extends Error {
  override readonly name = 'DiskFullError'
  readonly code = 'disk-full'
  readonly retryable = true
  readonly remedy = "Make room on the disk of the agent's data folder; it goes on by itself."
  readonly folder: string

  constructor(folder: string, options?: ErrorOptions) {
    super(`The disk of ${folder} is full.`, options)
    this.folder = folder
  }
}

/** SQLITE_FULL. */
const FULL = 13

/** Does what may write; a full disk is told by its own error. */
export function writing<T>(folder: string, write: () => T): T {
  try {
    return write()
  } catch (error) {
    const { errcode, code } = error as { errcode?: number; code?: string }
    if (errcode === FULL || code === 'ENOSPC') throw new DiskFullError(folder, { cause: error })
    throw error
  }
}

/** Opens `agent.sqlite` in `folder`, alone, and brings its tables up to date. */
export function openDatabase(folder: string): DatabaseSync {
  return writing(folder, () => openAlone(folder))
}

function openAlone(folder: string): DatabaseSync {
  // The journal names counterparties and amounts: it is the owner's business.
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const database = new DatabaseSync(join(folder, 'agent.sqlite'), { timeout: 0 })
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
