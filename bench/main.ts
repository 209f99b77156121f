// `npm run -s bench -- NAME [--json]`: progress on stderr; a table, or one JSON object, as the last of stdout.

import { type Bench, table } from './report.ts'

const benches: Record<string, () => Promise<{ measure: () => Promise<Bench> }>> = {
  dispute: () => import('./dispute/dispute.ts'),
  economics: () => import('./economics/economics.ts'),
  gas: () => import('./gas.ts'),
  latency: () => import('./latency.ts'),
  metering: () => import('./metering/metering.ts'),
  start: () => import('./start/start.ts'),
  steps: () => import('./steps/steps.ts'),
}

const [name, ...flags] = process.argv.slice(2)
const load = name === undefined ? undefined : benches[name]
if (load === undefined) {
  console.error(`There is no bench "${name ?? ''}". Choose one: ${Object.keys(benches).join(', ')}.`)
  process.exit(2)
}
const bench = await (await load()).measure()
console.log(flags.includes('--json') ? JSON.stringify(bench.json) : (bench.table ?? table(bench)))
process.exit(0)
