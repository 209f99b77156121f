import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A process as it was noted: its number may since belong to another, which its start tells apart. */
interface Noted {
  readonly name: string
  readonly pid: number
  readonly startedAt: string
}

const fileIn = (dir: string): string => join(dir, 'processes.json')

/** Notes a process, so that a later start finds it if this one dies without cleaning up. */
export function rememberProcess(dir: string, name: string, pid: number | undefined): void {
  if (pid === undefined) return
  write(dir, [...read(dir), { name, pid, startedAt: startOf(pid) ?? '' }])
}

export function forgetProcess(dir: string, pid: number | undefined): void {
  write(
    dir,
    read(dir).filter((noted) => noted.pid !== pid),
  )
}

/**
 * Ends what an earlier stack in this folder left running and removes its state: its chain lived in memory, so that
 * nothing of it is worth keeping. Says what was ended.
 */
export function clearLeftovers(dir: string): string[] {
  const left = read(dir).filter(({ pid, startedAt }) => startedAt !== '' && startOf(pid) === startedAt)
  for (const { pid } of left) process.kill(pid, 'SIGKILL')
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir, { recursive: true })
  return left.map(({ name, pid }) => `${name} (process ${pid})`)
}

/**
 * When a process started, in the kernel's own clock ticks. Linux alone tells; elsewhere the leash, which ends every
 * part with its stack, has to do.
 */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The program's name, in brackets, may hold blanks; the start is the 20th field behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function read(dir: string): Noted[] {
  if (!existsSync(fileIn(dir))) return []
  try {
    return JSON.parse(readFileSync(fileIn(dir), 'utf8')) as Noted[]
  } catch {
    return [] // cut short by the crash that left it
  }
}

function write(dir: string, noted: readonly Noted[]): void {
  if (!existsSync(dirname(fileIn(dir)))) return
  writeFileSync(fileIn(dir), JSON.stringify(noted))
}
