import { writeFileSync } from 'node:fs'
import { CliError } from '../failures/CliError.ts'

/**
 * Writes what `-o` names.
 *
 * @throws {CliError} `file-unwritable`
 */
export function putFile(path: string, bytes: Uint8Array): string {
  try {
    writeFileSync(path, bytes)
    return path
  } catch (cause) {
    throw new CliError('file-unwritable', `${path} cannot be written: ${(cause as Error).message}.`, {
      remedy: 'Check the folder, or name another file with -o.',
      cause,
    })
  }
}
