import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Hex } from 'viem'
import { CliError } from '../failures/CliError.ts'

/** What `millrace dev` writes to `.millrace/dev.json`, so that commands in the same folder find the stack. */
export interface DevelopmentStack {
  /** The process that runs the stack; it is up while this lives. */
  readonly pid: number
  readonly matcher: string
  readonly rpc: string
  /** Keystores of funded accounts by role. */
  readonly keystores: {
    readonly tasker: StoredKey
    readonly provider: StoredKey
    readonly arbiter: StoredKey
  }
  /** Holds the password of these keystores: they are worth nothing elsewhere. */
  readonly passwordFile: string
  /** Where a provider of the user's own keeps its journal: it is worth no more than the stack's chain. */
  readonly providerDir: string
}

export interface StoredKey {
  readonly address: Hex
  readonly file: string
}

/** Where the description lies within a folder. */
export const stackFile = (folder: string): string => join(folder, '.millrace', 'dev.json')

/**
 * The stack of this folder or of the nearest one above it; nothing where there is none.
 *
 * @throws {CliError} `stack-down` where one was described whose process is gone
 */
export function findStack(cwd: string): DevelopmentStack | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const file = stackFile(folder)
    if (existsSync(file)) return readStack(file)
    if (dirname(folder) === folder) return undefined
  }
}

function readStack(file: string): DevelopmentStack {
  const stack = JSON.parse(readFileSync(file, 'utf8')) as DevelopmentStack
  if (isAlive(stack.pid)) return stack
  throw new CliError('stack-down', `The stack that ${file} describes is not running any more.`, {
    remedy: 'Start it again with `npm start`, or name another matcher with --matcher.',
    facts: { file, pid: stack.pid },
    retryable: true,
  })
}

/** Whether a process of this number is there, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
