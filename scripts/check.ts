// npm run check: formatting, types and the rules of the house, without running a test.
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { runChecks } from './test/checks.ts'
import { failureReport } from './test/report.ts'
import { lastLine, sum } from './test/tally.ts'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
process.chdir(root)

const tally = await runChecks(root)
const result = sum([tally])
if (result.failed > 0) console.log(failureReport([tally]))
console.log(lastLine(result))
process.exitCode = result.failed > 0 ? 1 : 0
