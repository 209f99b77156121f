/**
 * Open files that this process got from whoever started it and that every child inherits: a shell's, a service
 * manager's. Node marks its own as closed on exec, and those only up to the first gap; a job must not get the rest.
 */
import { openSync, readdirSync, readFileSync } from 'node:fs'

const O_CLOEXEC = 0o2000000
/** Standard streams: each child gets its own. */
const STANDARD = 3

let covers: Map<number, number> | undefined

/**
 * For each descriptor that would be inherited, one of `/dev/null` to put in its place. Nothing can close them from
 * here. Looked for once: what Node opens later is never inherited.
 */
export function coverInherited(): ReadonlyMap<number, number> {
  covers ??= coverWith(process.platform === 'linux' ? inheritable() : [])
  return covers
}

function coverWith(descriptors: readonly number[]): Map<number, number> {
  if (descriptors.length === 0) return new Map()
  const nothing = openSync('/dev/null', 'r')
  return new Map(descriptors.map((descriptor) => [descriptor, nothing]))
}

function inheritable(): number[] {
  return readdirSync('/proc/self/fd').map(Number).filter(isInherited)
}

function isInherited(descriptor: number): boolean {
  if (descriptor < STANDARD) return false
  try {
    return !isClosedOnExec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))
  } catch {
    // It was the one that the folder was read with.
    return false
  }
}

/** `flags:` is octal. */
export function isClosedOnExec(fdinfo: string): boolean {
  const flags = /^flags:\s*([0-7]+)$/m.exec(fdinfo)?.[1]
  return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) !== 0
}
