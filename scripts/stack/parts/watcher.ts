import { join } from 'node:path'
import type { Hex } from 'viem'
import { readJson } from '../readJson.ts'
import { type Part, scriptPath, startPart } from '../startPart.ts'

export interface WatcherReady {
  readonly account: Hex
  readonly watching: boolean
}

export interface WatcherOptions {
  readonly dir: string
  readonly matcher: string
  readonly keystore: string
  readonly passwordFile: string
  /** Further words for `millrace watch`. */
  readonly args?: readonly string[] | undefined
  /** `FAULT_AT` and the like. */
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** Starts a watcher as a user would, by `millrace watch`. */
export async function startWatcher(
  options: WatcherOptions,
): Promise<{ part: Part<WatcherReady>; ready: WatcherReady }> {
  const { dir, matcher, keystore, passwordFile, args = [], env = {} } = options
  return startPart<WatcherReady>({
    name: 'watcher',
    script: scriptPath('../../cli/bin/millrace.mjs'),
    args: [
      ...['watch', '--json', '--matcher', matcher, '--keystore', keystore, '--password-file', passwordFile],
      ...['--data-dir', join(dir, 'watcher'), ...args],
    ],
    env,
    logFile: join(dir, 'logs', 'watcher.log'),
    dir,
    readLine: (line) => readJson<WatcherReady>(line, 'account', 'watching'),
  })
}
