// npm test -- [--deep] [part…]
//
// Runs every kind of test that the project has and adds them up. The last line is for programs.
import { existsSync, globSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runChecks } from './test/checks.ts'
import { runForge } from './test/forge.ts'
import { buildContracts, runHardhatSolidity, runMocha } from './test/hardhat.ts'
import { needsContracts, type Plan, planFor, UnknownPartError } from './test/parts.ts'
import { failureReport, summaryTable } from './test/report.ts'
import { lastLine, sum, type Tally } from './test/tally.ts'
import { runVitest } from './test/vitest.ts'

const MINUTE = 60_000
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
process.chdir(root)

const { values, positionals } = parseArgs({ allowPositionals: true, options: { deep: { type: 'boolean' } } })
const deep = values.deep ?? false
const seed = process.env.FUZZ_SEED ?? `0x${Math.floor(Math.random() * 2 ** 32).toString(16)}`
/** For each runner, so that none hangs: all tests together take ten minutes at most, but on a busy machine. */
const limit = deep ? 600 * MINUTE : 25 * MINUTE
// Every runner inherits these, and with them every test that draws at random.
process.env.FUZZ_SEED = seed
if (deep) process.env.MILLRACE_DEEP = '1'

const testsIn = (folder: string) =>
  globSync(`${folder}/**/*.test.ts`, { exclude: (name) => name.includes('node_modules') }).sort()

function readPlan(): Plan {
  try {
    return planFor(positionals, (folder) => testsIn(folder).length > 0)
  } catch (error) {
    if (!(error instanceof UnknownPartError)) throw error
    console.error(error.message)
    process.exit(2)
  }
}

const tallies: Tally[] = []
const say = (text: string) => console.log(text)

/** Runs one runner and says how it went as soon as it is known. */
async function report(title: string, running: Promise<Tally | Tally[]>): Promise<void> {
  const result = [await running].flat()
  tallies.push(...result)
  const { failed } = sum(result)
  say(`${failed === 0 ? '✓' : '✗'} ${title}: ${lastLine(sum(result))}`)
}

/** Solidity compiles on one core: what uses the other may run beside it. */
async function testContracts(): Promise<void> {
  const forge = existsSync('node_modules/.bin/forge')
  await report('solidity', forge ? runForge({ seed, deep, limit }) : runHardhatSolidity(limit))
  await report('mocha', runMocha(testsIn('contracts'), limit))
}

const onLine = (line: string) => /^\s*[✓✗] /.test(line) && say(`  ${line}`)

const plan = readPlan()
const started = performance.now()
say(`seed ${seed} (FUZZ_SEED=${seed} repeats this run)`)

// Whatever starts a chain reads what Hardhat built.
await Promise.all([
  plan.checks && report('checks', runChecks(root)),
  needsContracts(plan) && report('contracts built', buildContracts(limit)),
])
await Promise.all([
  plan.contracts && testContracts(),
  plan.unit.length > 0 &&
    report('unit', runVitest({ project: 'unit', root, folders: plan.unit, limit, onLine })),
])
if (plan.endToEnd) {
  await report('end to end', runVitest({ project: 'e2e', root, folders: ['test'], limit, onLine }))
}

const result = sum(tallies)
if (result.failed > 0) say(`\n${failureReport(tallies)}`)
say(`\n${summaryTable(tallies)}`)
say(`\n${Math.round((performance.now() - started) / 1000)} s, seed ${seed}`)
say(lastLine(result))
process.exitCode = result.failed > 0 ? 1 : 0
