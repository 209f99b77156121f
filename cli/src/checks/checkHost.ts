import { accessSync, constants, existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { formatBytes } from '../format/formatBytes.ts'
import { type Finding, fail, ok, warn } from './Check.ts'

/** Room that an agent needs for blobs and its journal before it should take work. */
const DISK_WANTED = 2 ** 30
/** One jailed run: its memory limit and the supervisor's. */
const MEMORY_WANTED = 512 * 2 ** 20

/** From 22.18 on, Node runs TypeScript by stripping its types. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const fits = major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18)
  if (fits) return ok('node', `Node ${version}`)
  return fail('node', `Node ${version} is too old`, 'Install Node 24, or at least 22.18.')
}

/** Programs that limit what a job can do; only those who provide need them. */
export function checkJail(path: string | undefined): Finding[] {
  const find = (program: string, gives: string, debian: string): Finding => {
    const file = findProgram(program, path)
    if (file) return ok(program, file)
    return warn(
      program,
      `not found: jobs would run without ${gives}`,
      `Only providers need it: \`apt-get install ${debian}\`.`,
    )
  }
  return [
    find('prlimit', "the kernel's limits on time, memory and files", 'util-linux'),
    find('bwrap', 'a file system and a network of their own', 'bubblewrap'),
  ]
}

export async function checkDisk(folder: string): Promise<Finding> {
  let existing = folder
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing)
  const { bavail, bsize } = await statfs(existing)
  const free = bavail * bsize
  if (free >= DISK_WANTED) return ok('disk', `${formatBytes(free)} free under ${existing}`)
  return warn(
    'disk',
    `only ${formatBytes(free)} free under ${existing}`,
    `Free some: ${formatBytes(DISK_WANTED)} leave room for programs, inputs and outputs.`,
  )
}

export function checkMemory(): Finding {
  const says = `${formatBytes(freemem())} of ${formatBytes(totalmem())} free, ${availableParallelism()} cores`
  if (freemem() >= MEMORY_WANTED) return ok('memory', says)
  return warn(
    'memory',
    says,
    `Providers: leave ${formatBytes(MEMORY_WANTED)} free, or offer less with --memory.`,
  )
}

/** The first executable file of this name in a search path. */
export function findProgram(program: string, path = ''): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}
