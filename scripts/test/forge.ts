// Solidity tests: unit, fuzz and invariants, in forge.
import { runProgram } from './program.ts'
import { type Failure, type Tally, withVerdict } from './tally.ts'

export interface ForgeOptions {
  /** Seed of every fuzzed input, `0x…`. */
  readonly seed: string
  /** Runs the budgets of the deep profile in foundry.toml. */
  readonly deep: boolean
  /** Milliseconds. */
  readonly limit: number
}

interface ForgeResult {
  readonly status: 'Success' | 'Failure' | 'Skipped'
  readonly reason: string | null
  readonly counterexample: unknown
}
type ForgeReport = Record<string, { readonly test_results: Record<string, ForgeResult> }>

export async function runForge({ seed, deep, limit }: ForgeOptions): Promise<Tally> {
  const args = ['test', '--json', '--suppress-successful-traces', '--fuzz-seed', seed]
  const env = { FOUNDRY_PROFILE: deep ? 'deep' : 'default', NO_COLOR: '1' }
  const ended = await runProgram('forge', args, { env, limit })
  return withVerdict({ ...parseForge(ended.stdout), seconds: ended.seconds }, ended)
}

/** Reads what `forge test --json` prints: nothing at all when the contracts do not compile. */
export function parseForge(stdout: string): Tally {
  const results = Object.entries(readReport(stdout)).flatMap(([suite, { test_results }]) =>
    Object.entries(test_results).map(([test, result]) => ({ name: `${suite} ${test}`, result })),
  )
  const count = (status: ForgeResult['status']) =>
    results.filter(({ result }) => result.status === status).length
  return {
    runner: 'forge',
    part: 'contracts',
    passed: count('Success'),
    skipped: count('Skipped'),
    failures: results
      .filter(({ result }) => result.status === 'Failure')
      .map(({ name, result }): Failure => ({ name, message: explain(result) })),
    seconds: 0,
  }
}

function readReport(stdout: string): ForgeReport {
  try {
    return JSON.parse(stdout) as ForgeReport
  } catch {
    return {}
  }
}

/** Characters of a counterexample that are shown: calls with long calldata fill pages. */
const SHOWN = 2_000

function explain({ reason, counterexample }: ForgeResult): string {
  const example = counterexample ? `\ncounterexample: ${JSON.stringify(counterexample).slice(0, SHOWN)}` : ''
  return `${reason ?? 'failed'}${example}`
}
