import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { sql } from 'drizzle-orm'
import type { Database } from './dialect.ts'

const FOLDER = new URL('../../migrations/', import.meta.url)

/** Brings the database up to date: each file of `migrations/` once, in the order of their names. */
export async function migrate(db: Database): Promise<void> {
  await db.execute(sql`create table if not exists migrations (name text primary key, hash text not null)`)
  for (const name of (await readdir(FOLDER)).filter((file) => file.endsWith('.sql')).sort()) {
    const text = await readFile(new URL(name, FOLDER), 'utf8')
    await db.transaction(async (tx) => {
      const hash = createHash('sha256').update(text).digest('hex')
      const [done] = (await tx.execute(sql`select hash from migrations where name = ${name}`)).rows
      if (done && done.hash !== hash)
        throw new Error(`Migration ${name} was changed after it had been applied.`)
      if (done) return
      // Postgres takes one statement at a time in its extended protocol.
      for (const statement of text.split(/;\s*\n/).filter((part) => part.trim())) {
        await tx.execute(sql.raw(statement))
      }
      await tx.execute(sql`insert into migrations values (${name}, ${hash})`)
    })
  }
}
