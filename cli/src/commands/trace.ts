import { resolve } from 'node:path'
import { decodeOutput, MAX_FUEL, toHex } from '@millrace/machine'
import { functionNames, lower, MACHINE_STATUS, proveStep, Watch, type Watched } from '@millrace/machine/steps'
import { inputBytes } from '@millrace/sdk'
import { programOf } from '../build/programOf.ts'
import { putFile } from '../build/putFile.ts'
import { CliError } from '../failures/CliError.ts'
import { groupThousands } from '../format/groupThousands.ts'
import { readHostFile } from '../job/collectFiles.ts'
import { addInputOptions, type InputWords, readInput, readStandardInput } from '../job/input.ts'
import { parseCount, parseFuel, parseSize } from '../parse/parseQuantity.ts'
import type { Answer, GlobalOptions, Session } from '../terminal/Session.ts'
import { checkProof } from '../trace/checkProof.ts'
import {
  type Described,
  describeEnd,
  describeStep,
  describeSteps,
  type End,
  type Trace,
  traceJson,
} from '../trace/describe.ts'
import { describeProof, proofJson } from '../trace/describeProof.ts'
import { TracedRun, type TraceLimits } from '../trace/TracedRun.ts'
import type { Program } from './command.ts'

interface TraceOptions extends GlobalOptions, InputWords {
  at?: string
  steps: string
  fuel?: string
  outputMax?: string
  prove?: boolean
  output?: string
  rpc?: string
  machine?: string
}

/** `millrace trace` */
export function addTrace({ command, does }: Program): void {
  const trace = command
    .command('trace <module> [args...]')
    .description('run a program here, without a market, and look at one step of it')
  does(
    addInputOptions(trace)
      .option('--at <step>', 'how many steps come before the one to show, such as 1.5M; else it is the last')
      .option('--steps <n>', 'how many steps to show, a line each', '1')
      .option('--fuel <fuel>', 'the most fuel that it may use, such as 500M')
      .option('--output-max <size>', 'the most bytes of output')
      .option('--prove', 'make the proof of the step, and check it here and by the contract of the market')
      .option('-o, --output <file>', 'make the proof, and write its bytes there')
      .option('--rpc <url>', 'with --prove, a node of the chain; else MILLRACE_RPC, else the matcher\u2019s')
      .option('--machine <address>', 'with --prove, the contract; else the one that the matcher names'),
    traceProgram,
  )
}

/** Those of a job where nobody says: its states hold its limits. */
const DEFAULT_LIMITS: TraceLimits = { fuel: 10n * 10n ** 9n, outputMax: 2 ** 20 }
/** How many steps behind the one shown are made to find the end: some seconds. */
const LOOK_AHEAD = 1_000_000_000n

async function traceProgram(
  session: Session,
  options: TraceOptions,
  module = '',
  ...args: string[]
): Promise<Answer> {
  const file = resolve(session.cwd, module)
  const bytes = readHostFile(file)
  const at = parseStep(options.at)
  const length = BigInt(parseCount(options.steps, '--steps', 1))
  const limits = {
    fuel: options.fuel === undefined ? DEFAULT_LIMITS.fuel : parseFuel(options.fuel, '--fuel'),
    outputMax:
      options.outputMax === undefined
        ? DEFAULT_LIMITS.outputMax
        : parseSize(options.outputMax, '--output-max'),
  }
  const given = readInput(session, options, { file, args })
  const lowered = lower(programOf(bytes).canonical, { map: true })
  const input = inputBytes({ ...given, ...(await readStandardInput(session, options)) })
  const follow = { onProgress: progressOn(session, options), signal: session.interrupted }
  const run = new TracedRun({ lowered, input, limits }, follow)

  const found = await goTo(run, { at, length, limits })
  const program: Described = { lowered, names: functionNames(bytes) }
  const { proof, ...shown } = await look(session, options, run, length)
  const end = found ?? (await findEnd(run, limits))
  const trace: Trace = { ...shown, end, atLeast: run.steps }
  const written =
    proof && options.output !== undefined
      ? putFile(resolve(session.cwd, options.output), proof.witness)
      : undefined
  return {
    json: {
      ok: true,
      ...limits,
      ...traceJson(program, trace),
      ...(proof && { proof: proofJson(proof, written) }),
    },
    lines: [
      ...(length === 1n ? describeStep(program, trace) : describeSteps(program, trace)),
      ...(proof ? describeProof(proof, written) : []),
    ],
  }
}

/** A number of steps, as fuel is written; undefined for the last one. */
function parseStep(text: string | undefined): bigint | undefined {
  return text === undefined || text === 'end' ? undefined : parseFuel(text, '--at')
}

/**
 * Takes the run to the first step that is to be shown.
 *
 * @returns how it ends, where that was found on the way
 */
async function goTo(
  run: TracedRun,
  { at, length, limits }: { at: bigint | undefined; length: bigint; limits: TraceLimits },
): Promise<End | undefined> {
  await run.runTo(at ?? MAX_FUEL)
  if (!run.isOver) return undefined
  const end = endOf(run, limits)
  if (at !== undefined) throw beyond(at, end)
  run.backTo(end.steps > length ? end.steps - length : 0n)
  return end
}

/** Shows steps from where the run is, and takes it behind them. */
async function look(session: Session, options: TraceOptions, run: TracedRun, length: bigint) {
  const { trees } = run
  const { step } = run.capture()
  const before = trees.hash
  const watch = new Watch(trees)
  const steps: Watched[] = []
  do steps.push(watch.step())
  while (BigInt(steps.length) < length && steps.at(-1)!.after.status === MACHINE_STATUS.running)
  const proof =
    options.prove || options.output !== undefined
      ? await checkProof(session, options, proveStep(trees))
      : undefined
  await run.runTo(step + BigInt(steps.length))
  run.capture()
  return { step, steps, before: toHex(before), after: toHex(trees.hash), proof }
}

async function findEnd(run: TracedRun, limits: TraceLimits): Promise<End | undefined> {
  await run.runTo(run.steps + LOOK_AHEAD)
  return run.isOver ? endOf(run, limits) : undefined
}

function endOf(run: TracedRun, { fuel }: TraceLimits): End {
  const { status, fuel: left } = run.registers
  const exitCode = status === MACHINE_STATUS.exited ? decodeOutput(run.output).exitCode : undefined
  return { steps: run.steps, status, fuelUsed: fuel - left, exitCode }
}

function beyond(at: bigint, end: End): CliError {
  const [total, wanted] = [end.steps, at].map((each) => groupThousands(String(each)))
  return new CliError('bad-value', `--at: the run has ${total} steps, and none behind ${wanted}.`, {
    remedy: `The last one is --at ${end.steps - 1n}, or --at end.`,
    facts: { steps: end.steps, end: describeEnd(end) },
  })
}

/** A line every few seconds of a long run. */
function progressOn({ stderr }: Session, { quiet, json }: GlobalOptions): (steps: bigint) => void {
  const EVERY_MS = 2_000
  let last = Date.now()
  return (steps) => {
    if (quiet || json || Date.now() - last < EVERY_MS) return
    last = Date.now()
    stderr.write(`at step ${groupThousands(String(steps))}\n`)
  }
}
