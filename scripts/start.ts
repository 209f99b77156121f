/**
 * A whole market on this computer, and a tour of it: `npm start [-- --once] [--json] [--tour proof|arbiter]`.
 *
 * stderr tells what happens; stdout has one JSON object at the end of the tour with `--json`, and nothing else.
 */
import { parseArgs } from 'node:util'
import { Listr, ListrLogger, ProcessOutput } from 'listr2'
import { CliError } from '../cli/src/failures/CliError.ts'
import { explain, explanationJson, explanationLines, toJson } from '../cli/src/failures/explain.ts'
import { parseCount } from '../cli/src/parse/parseQuantity.ts'
import { onInterrupt } from '../cli/src/terminal/onInterrupt.ts'
import { STEPS, type Stack, type Step, startStack } from './stack/startStack.ts'
import { TOURS, type TourKind, type TourReport, takeTour } from './tour/takeTour.ts'

/** Where a wallet expects a development chain, and where the README says that the matcher is. */
const PORTS = { chain: 8545, matcher: 8080 }

/** A hundredth of a gigafuel goes on top of each job, so that the whole of a price is seen. */
const FLAT = ['--job-fuel', '10M']

const TITLES: Readonly<Record<Step, string>> = {
  contracts: 'Contracts compiled',
  chain: 'Chain (Hardhat, Prague rules)',
  redis: 'Redis',
  deploy: 'Contracts deployed',
  funds: 'Accounts funded with test money',
  matcher: 'Matcher',
  providers: 'Three providers, one of which lies',
  arbiter: 'Arbiter',
  watcher: 'Watcher, which runs results again',
}

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    port: { type: 'string' },
    'chain-port': { type: 'string' },
    'redis-port': { type: 'string' },
    tour: { type: 'string', default: 'proof' },
  },
})

const say = (line: string): void => void process.stderr.write(`${line}\n`)
const began = Date.now()
let stack: Stack | undefined
let ending: Promise<never> | undefined

/** Ends everything, once, and then the process. */
function end(exitCode: number): Promise<never> {
  ending ??= (async () => {
    await stack?.stop()
    process.exit(exitCode)
  })()
  return ending
}

onInterrupt(() => {
  say('Ending…')
  // Parts that still start are on a leash, and end with this process.
  if (stack) void end(values.once ? 130 : 0)
  else process.exit(130)
})

try {
  const tour = tourOf(values.tour)
  stack = await start()
  stack.onCrash((error) => void fail(error))
  say(
    `Up after ${((Date.now() - began) / 1000).toFixed(1)} s: matcher ${stack.urls.matcher}, chain ${stack.urls.rpc}`,
  )
  say('')
  const report = await takeTour(stack, say, tour)
  say('')
  say('Every step came out as it must.')
  if (values.json) process.stdout.write(`${JSON.stringify(toJson({ ok: true, ...report }))}\n`)
  if (values.once) await end(0)
  for (const line of suggestions(stack, report)) say(line)
} catch (error) {
  await fail(error)
}

function tourOf(word: string): TourKind {
  const found = TOURS.find((tour) => tour === word)
  if (found) return found
  throw new CliError('bad-value', `--tour: there is no tour ${JSON.stringify(word)}.`, {
    remedy: `Write ${TOURS.join(' or ')}.`,
  })
}

/** Starts the stack and shows each step as it is done. */
async function start(): Promise<Stack> {
  const steps = new Map<Step, PromiseWithResolvers<unknown>>(
    STEPS.map((step) => [step, Promise.withResolvers()]),
  )
  for (const { promise } of steps.values()) promise.catch(() => {}) // told by the start itself
  const list = new Listr(
    STEPS.map((step) => ({ title: TITLES[step], task: () => steps.get(step)!.promise as Promise<void> })),
    {
      concurrent: true,
      exitOnError: false,
      renderer: process.stderr.isTTY && !values.json ? 'default' : 'simple',
      fallbackRenderer: 'simple',
      registerSignalListeners: false,
      rendererOptions: { logger: new ListrLogger({ processOutput: toStderr() }) },
      fallbackRendererOptions: { logger: new ListrLogger({ processOutput: toStderr() }) },
    },
  )
  const shown = list.run().catch(() => {})
  try {
    return await startStack({
      dir: process.cwd(),
      ports: {
        chain: portOf('chain-port', PORTS.chain),
        matcher: portOf('port', PORTS.matcher),
        redis: portOf('redis-port', 0),
      },
      // Where it is shown what arbiters are for, nobody comes before them.
      watcher: values.tour === 'proof',
      providerArgs: { provider1: FLAT, provider2: FLAT, liar: FLAT },
      redisUrl: process.env.REDIS_URL || undefined,
      onStep: (step, work) => steps.get(step)!.resolve(work),
      onLeftovers: (ended) => say(`Ended what an earlier start had left running: ${ended.join(', ')}.`),
    })
  } catch (error) {
    for (const step of steps.values()) step.reject(new Error('not started'))
    throw error
  } finally {
    await shown
  }
}

/** One that ends after the tour needs no known address, and so cannot find one taken. */
function portOf(option: 'port' | 'chain-port' | 'redis-port', usual: number): number {
  const given = values[option]
  if (given !== undefined) return parseCount(given, `--${option}`)
  return values.once ? 0 : usual
}

/** Everything that Listr writes goes to stderr. */
function toStderr(): ProcessOutput {
  return new ProcessOutput(process.stderr, process.stderr)
}

async function fail(error: unknown): Promise<never> {
  if (ending) return ending // the tour cannot go on while everything ends
  const explanation = explain(error)
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ ok: false, error: explanationJson(explanation) })}\n`)
  }
  for (const line of explanationLines(explanation)) say(line)
  return end(1)
}

function suggestions({ urls, accounts }: Stack, { dispute }: TourReport): string[] {
  return [
    '',
    'The market stays up until Ctrl-C. In another terminal, in this folder:',
    '',
    '  npx millrace run examples/wordcount/wordcount.wasm -- 5 < README.md',
    '  npx millrace run examples/hostile/spin.wasm --fuel 100M; echo "exit code $?"',
    `  npx millrace run examples/hello/hello.wasm --verify --provider ${accounts.liar.address}  # the liar`,
    `  npx millrace dispute show ${dispute.case}`,
    '  npx millrace job list',
    '  npx millrace funds',
    '  npx millrace provide --price 0.05',
    '',
    `The API: ${urls.matcher}/openapi.json`,
  ]
}
