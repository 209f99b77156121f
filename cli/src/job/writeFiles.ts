import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve, sep } from 'node:path'
import type { JobReport } from '@millrace/sdk'
import { CliError } from '../failures/CliError.ts'

/**
 * Sees to it that a folder is there and empty: the names of the files are a stranger's, so that in a folder with
 * something in it they could replace anything, or lead out of it through a link. To be called before the job.
 *
 * @throws {CliError} `out-not-empty`, `file-unwritable`
 */
export function prepareFolder(folder: string): void {
  let found: string[]
  try {
    mkdirSync(folder, { recursive: true })
    found = readdirSync(folder)
  } catch (cause) {
    throw unwritable(folder, cause)
  }
  if (found.length === 0) return
  throw new CliError('out-not-empty', `${folder} is not empty.`, {
    remedy: 'Give --out a folder that is empty, or a new name: it is made.',
    facts: { path: folder },
  })
}

/**
 * Writes what a program left in `/out` into a folder that `prepareFolder` saw.
 *
 * @throws {CliError} `bad-file-name` before anything is written, `file-unwritable`
 */
export function writeFiles(folder: string, { files, folders }: Pick<JobReport, 'files' | 'folders'>): void {
  const root = resolve(folder)
  const within = (name: string) => {
    const path = resolve(root, name)
    // Names are checked when an output is decoded; another system may still read them otherwise.
    if (path.startsWith(root.endsWith(sep) ? root : root + sep)) return path
    throw new CliError('bad-file-name', `${JSON.stringify(name)} is no name for a file here.`, {
      remedy: 'Nothing was written. `--json` prints the files as text.',
      facts: { name },
    })
  }
  const contents = Object.entries(files).map(([name, bytes]) => [within(name), bytes] as const)
  for (const path of folders.map(within)) attempt(path, () => mkdirSync(path, { recursive: true }))
  for (const [path, bytes] of contents) {
    attempt(path, () => {
      mkdirSync(dirname(path), { recursive: true })
      // Never over something: two names can be one where case does not count.
      writeFileSync(path, bytes, { flag: 'wx' })
    })
  }
}

function attempt(path: string, work: () => void): void {
  try {
    work()
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

function unwritable(path: string, cause: unknown): CliError {
  const { code } = cause as NodeJS.ErrnoException
  return new CliError('file-unwritable', `${JSON.stringify(path)} cannot be written: ${code}.`, {
    remedy: 'The job is not lost: `millrace job wait ORDER --out ANOTHER` writes its files again.',
    facts: { path },
    cause,
  })
}
