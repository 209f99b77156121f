import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, resolve } from 'node:path'
import { CliError } from '../failures/CliError.ts'
import { parsePair } from '../parse/parsePair.ts'

/**
 * The files that a program will see, by absolute path: each `--file GUEST=HOST`, and everything below each
 * `--dir GUEST=HOST`. What is neither a file nor a folder is passed over.
 *
 * @throws {CliError} `file-unreadable`, or `bad-value` for a guest path that is not absolute or named twice
 */
export function collectFiles(
  cwd: string,
  { file = [], dir = [] }: { file?: readonly string[]; dir?: readonly string[] },
): Record<string, Uint8Array> {
  const found: Record<string, Uint8Array> = {}
  const add = (guest: string, host: string, option: string) => {
    const path = posix.normalize(guest)
    if (!guest.startsWith('/') || path.endsWith('/')) {
      throw new CliError(
        'bad-value',
        `${option}: the program's path ${JSON.stringify(guest)} is not absolute.`,
        {
          remedy: `Write ${option} /data/text.txt=./text.txt: the program's path first, then yours.`,
        },
      )
    }
    if (path in found) {
      throw new CliError('bad-value', `${option}: ${path} is there twice.`, {
        remedy: 'Give each file its own path.',
      })
    }
    found[path] = readHostFile(host)
  }
  for (const pair of file) {
    const [guest, host] = parsePair(pair, '--file')
    add(guest, resolve(cwd, host), '--file')
  }
  for (const pair of dir) {
    const [guest, host] = parsePair(pair, '--dir')
    const folder = resolve(cwd, host)
    for (const path of listFolder(folder)) add(posix.join(guest, path), join(folder, path), '--dir')
  }
  return found
}

/** @throws {CliError} `file-unreadable` */
export function readHostFile(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

/** Paths of all files below a folder, relative to it, in an order that is the same everywhere. */
function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => posix.join(entry.parentPath.slice(folder.length).replaceAll('\\', '/'), entry.name))
      .map((path) => path.replace(/^\//, ''))
      .sort()
  } catch (cause) {
    throw unreadable(folder, cause)
  }
}

function unreadable(path: string, cause: unknown): CliError {
  const { code } = cause as NodeJS.ErrnoException
  const why = code === 'ENOENT' ? 'it is not there' : code === 'EISDIR' ? 'it is a folder' : String(code)
  return new CliError('file-unreadable', `${path} cannot be read: ${why}.`, {
    remedy: 'Check the path; it is taken from the folder that you are in.',
    facts: { path },
    cause,
  })
}
