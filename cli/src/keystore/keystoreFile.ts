import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { CliError } from '../failures/CliError.ts'

/** Where a key lives if nothing else is said. */
export function defaultKeystore(env: NodeJS.ProcessEnv): string {
  return join(env.MILLRACE_HOME ?? join(homedir(), '.millrace'), 'key.json')
}

/**
 * Writes a keystore that only its owner can read.
 *
 * @throws {CliError} `keystore-exists`: a key is never written over, since money may hang on it
 */
export function writeKeystore(file: string, json: string): void {
  if (existsSync(file)) {
    throw new CliError('keystore-exists', `${file} is there already.`, {
      remedy: 'Name another file with --keystore, or move this one away if you are sure.',
    })
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, `${json}\n`, { mode: 0o600, flag: 'wx' })
  chmodSync(file, 0o600) // whatever the umask says
}

/** @throws {CliError} `no-keystore` */
export function readKeystore(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CliError('no-keystore', `No key: ${file} cannot be read.`, {
      remedy: 'Make a key with `millrace key new`, or name its file with --keystore or MILLRACE_KEYSTORE.',
      facts: { file },
      cause,
    })
  }
}
