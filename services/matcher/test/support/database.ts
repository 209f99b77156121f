/** Making a Postgres cluster takes seconds of computing, copying one a moment: tests copy one that is made once. */
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openCluster } from '../../src/store/database.ts'

const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/millrace/', import.meta.url))
const { version } = createRequire(import.meta.url)(
  join(dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite')), '../package.json'),
) as { version: string }

/** Puts an empty cluster into `dataDir`, as `openDatabase` would make it. */
export async function seedDatabase(dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true })
  await cp(join(await template(), 'postgres'), join(dataDir, 'postgres'), { recursive: true })
  return dataDir
}

async function template(): Promise<string> {
  const path = join(CACHE, `postgres-${version}`)
  if (existsSync(join(path, 'postgres'))) return path
  await mkdir(CACHE, { recursive: true })
  const made = await mkdtemp(join(CACHE, 'making-'))
  const client = await openCluster(join(made, 'postgres'))
  await client.close()
  try {
    await rename(made, path)
  } catch {
    // Another worker was faster, and its cluster is as good.
    await rm(made, { recursive: true, force: true })
  }
  return path
}
