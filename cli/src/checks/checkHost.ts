import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { dirname } from 'node:path'
import type { Layer } from '@millrace/runner'
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

/** What stands between strangers' jobs and this computer; only those who provide need it. */
export function checkJail(layers: readonly Layer[]): Finding[] {
  return layers.map(({ name, on, says, remedy }) =>
    on || !remedy ? ok(name, says) : warn(name, says, `Only providers need it. ${remedy}`),
  )
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
