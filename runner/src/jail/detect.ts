/** Finds out which layers work on this host, by using each once. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { enclose, FILTER_FD, INFO_FD, type Jail, SETPRIV, UNSHARE, type Walls } from './command.ts'
import { librariesOf } from './libraries.ts'
import { countsPerNamespace } from './limits.ts'
import { seccompFilter } from './seccomp.ts'

/** Why there are no walls: the program is missing, or what it said when it failed. */
export type NoWalls =
  | { readonly why: 'platform' | 'missing' }
  | { readonly why: 'refused'; readonly said: string }

export interface Detected {
  readonly jail: Jail
  readonly noWalls?: NoWalls
}

const NOTHING: Jail = { limits: false, network: false, privileges: false }
const TRY_MS = 10_000

/** Where programs are when `PATH` does not say. */
const USUAL = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin']

let detected: Detected | undefined

/** The layers that work here; looked for once for each process. */
export function detectJail(): Jail {
  return inspectHost().jail
}

/** The same, with what is in the way of the rest. */
export function inspectHost(): Detected {
  detected ??= process.platform === 'linux' ? inspectLinux() : { jail: NOTHING, noWalls: { why: 'platform' } }
  return detected
}

function inspectLinux(): Detected {
  const limits = works(PRLIMIT)
  const walls = tryWalls(limits ? findProgram('prlimit') : undefined)
  if ('why' in walls) return { jail: detectPlain(), noWalls: walls }
  return { jail: { limits, walls, network: false, privileges: false } }
}

/** What there is without bubblewrap. */
export function detectPlain(): Jail {
  if (process.platform !== 'linux') return NOTHING
  return { limits: works(PRLIMIT), network: works(UNSHARE), privileges: works(SETPRIV) }
}

const PRLIMIT = ['prlimit', '--core=0']

function works([command, ...args]: readonly string[]): boolean {
  return spawnSync(command!, [...args, 'true'], { stdio: 'ignore', timeout: TRY_MS }).status === 0
}

function tryWalls(prlimit: string | undefined): Walls | NoWalls {
  const bwrap = findProgram('bwrap')
  if (!bwrap) return { why: 'missing' }
  try {
    const programs = [process.execPath, ...(prlimit ? [prlimit] : [])]
    const files = [...new Set(programs.flatMap((program) => [program, ...librariesOf(program)]))]
    const filter = seccompFilter(process.arch)
    const walls: Walls = { bwrap, prlimit, files, filter, countThreads: countsPerNamespace() }
    const said = fault(walls)
    return said === undefined ? walls : { why: 'refused', said }
  } catch (error) {
    return { why: 'refused', said: error instanceof Error ? error.message : String(error) }
  }
}

const MOVE_INPUT = `exec "$0" "$@" ${FILTER_FD}<&0 ${INFO_FD}>/dev/null 0</dev/null`

/** Runs node inside; what was said if that failed. */
function fault(walls: Walls): string | undefined {
  const files = walls.files.map((path) => [path, path] as const)
  const { command, args } = enclose(walls, files, [process.execPath, '--eval', '0'])
  // Synchronously only standard input can be fed: a shell moves it to where the filter is read.
  const { status, stderr, error } = spawnSync('sh', ['-c', MOVE_INPUT, command, ...args], {
    env: {},
    input: walls.filter ?? '',
    timeout: TRY_MS,
    encoding: 'utf8',
  })
  if (status === 0) return undefined
  return (error?.message ?? stderr.trim().split('\n')[0]) || `exit code ${status}`
}

/** The first executable file of this name. */
export function findProgram(name: string, path = process.env.PATH ?? ''): string | undefined {
  return [...path.split(delimiter), ...USUAL]
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}
