// Formatting, types and the rules of the house; each check counts as one test.
import { CHECKS, type Finding, readTree } from '../check/index.ts'
import { runProgram } from './program.ts'
import type { Failure, Tally } from './tally.ts'

const LIMIT = 180_000

/** Programs that check by themselves. */
const TOOLS: readonly (readonly [name: string, command: string, args: readonly string[]])[] = [
  ['format and lint', 'biome', ['check', '--error-on-warnings', '.']],
  ['types', 'tsc', ['--noEmit', '-p', '.']],
]

/** @param root the project's folder */
export async function runChecks(root: string): Promise<Tally> {
  const started = performance.now()
  const tools = Promise.all(TOOLS.map(([name, command, args]) => runTool(name, command, args)))
  const files = await readTree(root)
  const rules = Object.entries(CHECKS).map(([name, check]) => failureOf(name, check(files)))
  const results = [...(await tools), ...rules]
  const failures = results.filter((failure) => failure !== undefined)
  return {
    runner: 'checks',
    part: 'all',
    passed: results.length - failures.length,
    skipped: 0,
    failures,
    seconds: (performance.now() - started) / 1000,
  }
}

async function runTool(name: string, command: string, args: readonly string[]): Promise<Failure | undefined> {
  const ended = await runProgram(command, args, { limit: LIMIT, env: { NO_COLOR: '1' } })
  return ended.ok ? undefined : { name, message: ended.output.trim() }
}

function failureOf(name: string, findings: readonly Finding[]): Failure | undefined {
  if (findings.length === 0) return undefined
  const place = ({ path, line }: Finding) => (line === undefined ? path : `${path}:${line}`)
  const message = findings.map((finding) => `${place(finding)} ${finding.message}`).join('\n')
  return { name, message }
}
