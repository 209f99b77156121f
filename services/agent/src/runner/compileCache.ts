/** Where compiled code of the runner is kept, for `boot.ts`. Jobs' processes only read it. */
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Command } from './jail.ts'

/**
 * The folder, made if need be; empty where there can be none. It is the user's own: whoever can write to it can
 * put code into jobs' processes.
 */
export function openCompileCache(): string {
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'millrace', 'runner')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return folder
  } catch {
    return ''
  }
}

/** Fills it, in the background: what goes wrong here costs time later, and nothing else. */
export function fillCompileCache({ command, args }: Command): void {
  spawn(command, args, { env: {}, stdio: 'ignore' }).on('error', () => {})
}
