import { resolve } from 'node:path'
import { decodeOutput, toHex } from '@millrace/machine'
import {
  END,
  functionNames,
  lower,
  MACHINE_STATUS,
  originOf,
  proveStep,
  Rerun,
  type StepLimits,
  Watch,
  type Watched,
} from '@millrace/machine/steps'
import { inputBytes } from '@millrace/sdk'
import { programOf } from '../build/programOf.ts'
import { putFile } from '../build/putFile.ts'
import { CliError } from '../failures/CliError.ts'
import { groupThousands } from '../format/groupThousands.ts'
import { readHostFile } from '../job/collectFiles.ts'
import { addInputOptions, type InputWords, readInput, readStandardInput } from '../job/input.ts'
import { parseCount, parseFuel, parseSize, parseSteps } from '../parse/parseQuantity.ts'
import type { Answer, GlobalOptions, Session } from '../terminal/Session.ts'
import { type CheckedProof, checkProof } from '../trace/checkProof.ts'
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
const DEFAULT_LIMITS: StepLimits = { fuel: 10n * 10n ** 9n, outputMax: 2 ** 20 }
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
  const progress = progressOn(session, options)
  const run = new Rerun(originOf(lowered, input, limits), {
    onProgress: (steps) => progress.show(steps),
    signal: session.interrupted,
  })
  const program: Described = { lowered, names: functionNames(bytes) }
  const seen = await see(session, options, run, { at, length }).catch((error) => {
    throw session.interrupted.aborted ? stopped(progress.at) : error
  })
  const { proof, ...trace } = seen
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
  return text === undefined || text === 'end' ? undefined : parseSteps(text, '--at')
}

/** What there is to show of some steps, and how the run ends. */
async function see(
  session: Session,
  options: TraceOptions,
  run: Rerun,
  { at, length }: { at: bigint | undefined; length: bigint },
): Promise<Trace & { proof: CheckedProof | undefined }> {
  let { step } = await run.goTo(at ?? END)
  if (run.end !== undefined) {
    const end = endOf(run)
    if (at !== undefined) throw beyond(at, end)
    step = (await run.goTo(end.steps > length ? end.steps - length : 0n)).step
  }
  const before = run.hash()
  const watch = new Watch(run.trees)
  const steps: Watched[] = []
  do steps.push(watch.step())
  while (BigInt(steps.length) < length && steps.at(-1)!.after.status === MACHINE_STATUS.running)
  const proof =
    options.prove || options.output !== undefined
      ? await checkProof(session, options, proveStep(run.trees))
      : undefined
  await run.goTo(step + BigInt(steps.length))
  const after = run.hash()
  const last = await run.goTo(step + BigInt(steps.length) + LOOK_AHEAD)
  const end = run.end === undefined ? undefined : endOf(run)
  return { step, steps, before: toHex(before), after: toHex(after), proof, end, atLeast: last.step }
}

/** Of a run that was taken to its end. */
function endOf({ trees, end, origin }: Rerun): End {
  const { status, fuel } = trees.registers
  const exitCode = status === MACHINE_STATUS.exited ? decodeOutput(trees.outputBytes).exitCode : undefined
  return { steps: end!, status, fuelUsed: origin.limits.fuel - fuel, exitCode }
}

function stopped(steps: bigint): CliError {
  return new CliError('detached', `Stopped at step ${groupThousands(String(steps))}.`, {
    remedy: 'Start again; `--at` with fewer steps gets there sooner.',
  })
}

function beyond(at: bigint, end: End): CliError {
  const [total, wanted] = [end.steps, at].map((each) => groupThousands(String(each)))
  return new CliError('bad-value', `--at: the run has ${total} steps, and none behind ${wanted}.`, {
    remedy: `The last one is --at ${end.steps - 1n}, or --at end.`,
    facts: { steps: end.steps, end: describeEnd(end) },
  })
}

/** A line every few seconds of a long run. */
function progressOn({ stderr }: Session, { quiet, json }: GlobalOptions) {
  const EVERY_MS = 2_000
  let last = Date.now()
  return {
    /** Where the run has come to. */
    at: 0n,
    show(steps: bigint): void {
      this.at = steps
      if (quiet || json || Date.now() - last < EVERY_MS) return
      last = Date.now()
      stderr.write(`at step ${groupThousands(String(steps))}\n`)
    },
  }
}
