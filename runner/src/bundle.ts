/** The one file that a limited process runs: found, or made by `pack.ts` where its sources changed. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, statSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a bundle was made of and by. */
export interface Manifest {
  readonly node: string
  readonly files: readonly { readonly path: string; readonly size: number; readonly mtimeMs: number }[]
}

const PACK = fileURLToPath(new URL('./pack.ts', import.meta.url))
const PACK_MS = 60_000

/** What there is to run: jobs, or a run that is looked into. */
export type Entry = 'child' | 'trace/traced'

const bundles = new Map<Entry, string>()

/** The bundle's path; made once for each process, in about half a second, and only if sources changed. */
export function openBundle(entry: Entry = 'child'): string {
  const bundle = bundles.get(entry) ?? findOrMake(join(openFolder(), `${nameOf(PACK, entry)}.mjs`), entry)
  bundles.set(entry, bundle)
  return bundle
}

/** One for each installation. */
const nameOf = (path: string, entry: Entry) =>
  createHash('sha256').update(`${path} ${entry}`).digest('hex').slice(0, 16)

/**
 * A folder that is the user's own: whoever can write there can put code into jobs' processes. Where there is no home
 * to write to, a fresh one.
 */
function openFolder(): string {
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'millrace', 'runner')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return folder
  } catch {
    return mkdtempSync(join(tmpdir(), 'millrace-runner-'))
  }
}

function findOrMake(path: string, entry: Entry): string {
  if (isFresh(path)) return path
  const { status, stderr, error } = spawnSync(process.execPath, ['--no-warnings', PACK, path, entry], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {},
    timeout: PACK_MS,
    encoding: 'utf8',
  })
  if (status === 0) return path
  throw new Error(`The runner could not be packed into ${path}: ${error?.message ?? stderr.trim()}`)
}

/** Whether it is there and each of its sources is what it was. */
export function isFresh(path: string): boolean {
  try {
    const [first = ''] = readFileSync(path, 'utf8').split('\n', 1)
    const { node, files } = JSON.parse(first.slice(2)) as Manifest
    return node === process.version && files.every(isUnchanged)
  } catch {
    return false
  }
}

function isUnchanged({ path, size, mtimeMs }: Manifest['files'][number]): boolean {
  const now = statSync(path)
  return now.size === size && now.mtimeMs === mtimeMs
}
