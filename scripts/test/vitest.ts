// Unit tests beside the code, and end-to-end tests, in vitest.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { runProgram } from './program.ts'
import { type Failure, type Tally, withVerdict } from './tally.ts'

export interface VitestOptions {
  /** A project of vitest.config.ts. */
  readonly project: 'unit' | 'e2e'
  readonly root: string
  /** Folders, relative to the root, one row of the summary each. */
  readonly folders: readonly string[]
  /** Milliseconds. */
  readonly limit: number
  /** Is told a line for each test file as it ends. */
  readonly onLine: (line: string) => void
}

interface VitestFile {
  readonly name: string
  readonly status: string
  readonly message: string
  /** Milliseconds since 1970. */
  readonly startTime: number
  readonly endTime: number
  readonly assertionResults: readonly VitestTest[]
}
interface VitestTest {
  readonly fullName: string
  readonly status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo' | 'disabled'
  readonly failureMessages: readonly string[]
}
interface VitestReport {
  readonly testResults: readonly VitestFile[]
}

const PROGRESS = fileURLToPath(new URL('progress.ts', import.meta.url))

/** One tally for each folder, also for one in which nothing ran. */
export async function runVitest(options: VitestOptions): Promise<Tally[]> {
  const { project, root, folders, limit, onLine } = options
  const work = await mkdtemp(path.join(os.tmpdir(), 'millrace-vitest-'))
  const report = path.join(work, 'report.json')
  try {
    const ended = await runProgram(
      'vitest',
      [
        ...['run', '--root', root, '--project', project, `--reporter=${PROGRESS}`, '--reporter=json'],
        `--outputFile.json=${report}`,
        // Absolute, because a plain name would be looked for anywhere in the paths.
        ...folders.map((folder) => `${path.join(root, folder)}/`),
      ],
      { env: { NO_COLOR: '1' }, limit, onLine },
    )
    const tallies = parseVitest(await readReport(report), { project, root, folders })
    const isBlamed = tallies.some((tally) => tally.failures.length > 0)
    // A crash or an unhandled error belongs to no test: the first row answers for it.
    return tallies.map((tally, index) =>
      withVerdict(tally, { ok: ended.ok || isBlamed || index > 0, output: ended.output }),
    )
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Splits vitest's JSON report by folder. */
export function parseVitest(
  { testResults }: VitestReport,
  { project, root, folders }: Pick<VitestOptions, 'project' | 'root' | 'folders'>,
): Tally[] {
  return folders.map((folder) => {
    const files = testResults.filter((file) => file.name.startsWith(`${path.join(root, folder)}${path.sep}`))
    const tests = files.flatMap((file) => file.assertionResults)
    const passed = tests.filter((test) => test.status === 'passed').length
    const failed = tests.filter((test) => test.status === 'failed').length
    return {
      runner: project,
      part: folder,
      passed,
      skipped: tests.length - passed - failed,
      failures: files.flatMap((file) => failuresOf(file, path.relative(root, file.name))),
      seconds: files.reduce((all, file) => all + (file.endTime - file.startTime) / 1000, 0),
    }
  })
}

function failuresOf(file: VitestFile, name: string): Failure[] {
  const failed = file.assertionResults.filter((test) => test.status === 'failed')
  // A file that could not even be loaded has no tests to blame.
  if (file.status === 'failed' && failed.length === 0) return [{ name, message: file.message }]
  return failed.map((test) => ({
    name: `${name} ${test.fullName}`,
    message: test.failureMessages.join('\n'),
  }))
}

async function readReport(file: string): Promise<VitestReport> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as VitestReport
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { testResults: [] }
    throw error
  }
}
