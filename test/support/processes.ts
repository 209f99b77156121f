/** The processes behind a stack, as Linux shows them. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Part } from '../../scripts/stack/startPart.ts'

export interface RunningProcess {
  readonly pid: number
  readonly parent: number
  readonly arguments: readonly string[]
  /** `NAME=value` each; undefined where it is not ours to read. */
  readonly environment: readonly string[] | undefined
}

/** All processes below one, at any depth. */
export function descendantsOf(pid: number): RunningProcess[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? [])
  const below = (parent: number): RunningProcess[] =>
    all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)])
  return below(pid)
}

/** Undefined where it ended meanwhile. */
export function readProcess(pid: number): RunningProcess | undefined {
  const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8')
  const list = (file: string) => read(file).split('\0').filter(Boolean)
  try {
    const stat = read('stat')
    // The program's name, in brackets, may hold blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return {
      pid,
      parent: Number(fields[1]),
      arguments: list('cmdline'),
      environment: attempt(() => list('environ')),
    }
  } catch {
    return undefined
  }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** Kills the processes in which a provider runs jobs, and leaves the provider itself alone. */
export function killJobProcesses(provider: Part<unknown>): void {
  for (const { pid } of descendantsOf(provider.pid())) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      // It ended between the look and the blow.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

/** Resolves when a part ends that nobody asked to. */
export function crashOf(part: Part<unknown>): Promise<void> {
  return new Promise((resolve) => part.onCrash(() => resolve()))
}

/** Starts a part again that is meant to die at `point`, if need be before it is up. */
export async function restartUntil(part: Part<unknown>, point: string): Promise<{ died: Promise<void> }> {
  const died = crashOf(part)
  await part.restart({ MILLRACE_DEV: '1', FAULT_AT: point }).catch((error: unknown) => {
    if (part.isUp()) throw error
  })
  return { died }
}
