// The contracts' tests in TypeScript, on Hardhat with mocha; and the build that everything else reads.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { runProgram } from './program.ts'
import { type Tally, withVerdict } from './tally.ts'

interface MochaTest {
  readonly fullTitle: string
  readonly err: { readonly message?: string; readonly stack?: string }
}
interface MochaReport {
  readonly stats: { readonly passes: number; readonly pending: number }
  readonly failures: readonly MochaTest[]
}

/** What is made from the compiled contracts and committed: it must be what would be made now. */
const GENERATED = ['scripts/generate/abi.ts', 'scripts/generate/errors.ts']

/**
 * Compiles the contracts once, so that tests that start chains at the same time find them built, and then holds
 * to them what is generated from them.
 */
export async function buildContracts(limit: number): Promise<Tally> {
  const built = await runProgram('hardhat', ['build', '--no-tests'], { limit, env: { NO_COLOR: '1' } })
  const tally: Tally = {
    runner: 'hardhat',
    part: 'build',
    passed: 0,
    skipped: 0,
    failures: [],
    seconds: built.seconds,
  }
  if (!built.ok) return withVerdict(tally, built)

  const checks = await Promise.all(
    GENERATED.map(async (name) => ({ name, ended: await runProgram('node', [name, '--check'], { limit }) })),
  )
  const failures = checks
    .filter(({ ended }) => !ended.ok)
    .map(({ name, ended }) => ({ name, message: ended.output.trim() }))
  return { ...tally, passed: 1 + checks.length - failures.length, failures }
}

/**
 * @param files the test files, relative to the project's folder: helpers beside them are no tests
 * @param limit in milliseconds
 */
export async function runMocha(files: readonly string[], limit: number): Promise<Tally> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'millrace-mocha-'))
  const report = path.join(folder, 'report.json')
  try {
    const args = ['test', 'mocha', '--no-compile', ...files]
    const ended = await runProgram('hardhat', args, { limit, env: { MOCHA_REPORT: report, NO_COLOR: '1' } })
    return withVerdict({ ...parseMocha(await readOrEmpty(report)), seconds: ended.seconds }, ended)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Reads mocha's JSON report; an empty one, which a crash leaves, counts nothing. */
export function parseMocha(report: string): Tally {
  const { stats, failures } = (report ? JSON.parse(report) : EMPTY) as MochaReport
  return {
    runner: 'mocha',
    part: 'contracts',
    passed: stats.passes,
    skipped: stats.pending,
    failures: failures.map(({ fullTitle, err }) => ({
      name: fullTitle,
      message: err.stack ?? err.message ?? 'failed',
    })),
    seconds: 0,
  }
}

const EMPTY: MochaReport = { stats: { passes: 0, pending: 0 }, failures: [] }

/** Solidity tests in Hardhat, for machines that npm has no forge for: slower, with smaller budgets. */
export async function runHardhatSolidity(limit: number): Promise<Tally> {
  const ended = await runProgram('hardhat', ['test', 'solidity'], { limit, env: { NO_COLOR: '1' } })
  return withVerdict({ ...parseSolidity(ended.stdout), seconds: ended.seconds }, ended)
}

/** Reads the summary that Hardhat prints; it has no report for programs. */
export function parseSolidity(stdout: string): Tally {
  const count = (word: string) => Number(stdout.match(new RegExp(`^\\s+(\\d+) ${word}`, 'm'))?.[1] ?? 0)
  const details = stdout.slice(stdout.search(/^\s+\d+ failing/m))
  return {
    runner: 'hardhat',
    part: 'contracts',
    passed: count('passing'),
    skipped: count('skipped'),
    failures: Array.from({ length: count('failing') }, (_, index) => ({
      name: details.match(new RegExp(`^\\s+${index + 1}\\) (.*)$`, 'm'))?.[1] ?? `failure ${index + 1}`,
      message: index === 0 ? details.trim() : 'see the first',
    })),
    seconds: 0,
  }
}

async function readOrEmpty(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
