// Finds a Redis server on this machine, or fetches Debian's into a cache folder without being root.
import { execFile } from 'node:child_process'
import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { RedisUnavailableError } from './errors.ts'

const run = promisify(execFile)

/** A program that speaks Redis, and the folders its shared libraries lie in if they are not the system's. */
export interface RedisProgram {
  readonly path: string
  readonly libraries: readonly string[]
}

/** Programs that will do, best first. Valkey is Redis under another name since 2024. */
const NAMES = ['redis-server', 'valkey-server']

/**
 * The Redis program on PATH, else in the cache, else fetched with apt into the cache.
 * @param environment PATH, HOME and XDG_CACHE_HOME are read from it
 * @throws RedisUnavailableError where there is neither a program nor an apt to fetch one with
 */
export async function locateRedis(environment: NodeJS.ProcessEnv = process.env): Promise<RedisProgram> {
  for (const name of NAMES) {
    const found = await findOnPath(name, environment.PATH ?? '')
    if (found) return { path: found, libraries: [] }
  }
  const cache = redisCache(environment)
  return (await findInCache(cache)) ?? (await fetchWithApt(cache, environment))
}

/** Where a fetched Redis is kept: shared by all clones of one user. */
export function redisCache(environment: NodeJS.ProcessEnv): string {
  const base = environment.XDG_CACHE_HOME || path.join(environment.HOME ?? os.homedir(), '.cache')
  return path.join(base, 'millrace', `redis-${process.arch}`)
}

async function findOnPath(name: string, folders: string): Promise<string | undefined> {
  for (const folder of folders.split(path.delimiter).filter(Boolean)) {
    const candidate = path.join(folder, name)
    if (await isExecutable(candidate)) return candidate
  }
  return undefined
}

async function findInCache(cache: string): Promise<RedisProgram | undefined> {
  const program = path.join(cache, 'usr', 'bin', 'redis-server')
  if (!(await isExecutable(program))) return undefined
  return { path: program, libraries: await libraryFolders(path.join(cache, 'usr', 'lib')) }
}

/** Debian puts libraries into a folder named for the machine: usr/lib/x86_64-linux-gnu. */
async function libraryFolders(lib: string): Promise<string[]> {
  const entries = await readdir(lib, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map((entry) => path.join(lib, entry.name))
}

/**
 * Asks apt which packages this machine lacks for redis-server, downloads those and unpacks them.
 * Lists and archives are private, so that neither root nor the system's lock is needed.
 */
async function fetchWithApt(cache: string, environment: NodeJS.ProcessEnv): Promise<RedisProgram> {
  if (!(await findOnPath('apt-get', environment.PATH ?? ''))) throw new RedisUnavailableError()

  await mkdir(path.dirname(cache), { recursive: true })
  const work = await mkdtemp(`${cache}-`)
  try {
    const folder = (...names: string[]) => path.join(work, ...names)
    await mkdir(folder('lists', 'partial'), { recursive: true })
    await mkdir(folder('archives', 'partial'), { recursive: true })
    await mkdir(folder('debs'))
    const settings = {
      'Dir::State::Lists': folder('lists'),
      'Dir::Cache': work,
      'Dir::Cache::Archives': folder('archives'),
      'Debug::NoLocking': '1',
      // As root, apt would drop to a user that may not write into this folder.
      'APT::Sandbox::User': '',
    }
    const options = ['-qq', ...Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`])]
    const apt = (...command: string[]) =>
      run('apt-get', [...options, ...command], { cwd: folder('debs'), env: environment })

    await apt('update')
    const plan = await apt('--yes', '--no-install-recommends', '--print-uris', 'install', 'redis-server')
    await apt('download', ...packagesIn(plan.stdout))
    for (const deb of await readdir(folder('debs'))) {
      await run('dpkg', ['-x', folder('debs', deb), folder('root')])
    }
    await keep(folder('root'), cache)
  } catch (cause) {
    throw new RedisUnavailableError({ cause })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  const found = await findInCache(cache)
  if (!found) throw new RedisUnavailableError()
  return found
}

/** Package names in what `apt-get --print-uris install` prints: `'address' name_version_arch.deb size hash`. */
export function packagesIn(uris: string): string[] {
  return [...uris.matchAll(/^'[^']*' ([^_\s]+)_/gm)].map((match) => match[1]!)
}

/** Moves a finished tree into place; when another process was faster, its tree is as good. */
async function keep(tree: string, cache: string): Promise<void> {
  try {
    await rename(tree, cache)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
  }
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
