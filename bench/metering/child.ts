/**
 * One program's part of the bench, in a process of its own: `node child.ts NAME RUNS`. Raw and canonical take turns,
 * so that whatever else the machine does meets both; what they write is compared. One JSON object on stdout.
 */
import { readFile } from 'node:fs/promises'
import { buildProgram, compile, decodeInput, decodeOutput, encodeInput, run } from '@millrace/machine'
import { type BenchProgram, PROGRAMS } from '../programs/catalog.ts'
import { type MeteredByCalls, meterByCalls } from './meterByCalls.ts'
import { runRaw, type Written } from './raw.ts'

/** Milliseconds of processor time of each run. */
export interface Times {
  raw: number[]
  canonical: number[]
  /** How much longer a tenth of the work takes when `wasm-metering` meters it; none where it cannot read the module. */
  callsRatio: number | null
  fuel: number
  /** Bytes of the module, and of what the pass made of it. */
  moduleBytes: number
  canonicalBytes: number
  /** Of the pass, once. */
  buildMs: number
}

const LIMITS = { fuel: 10n ** 13n, outputMax: 1 << 20 }

/** Runs of each side that nobody times: V8 compiles the hot functions again meanwhile. */
const WARM_UP = 2

async function inputOf({ name, args, files }: BenchProgram): Promise<Uint8Array> {
  const contents = Object.entries(files).map(
    async ([path, content]) =>
      [path, typeof content === 'string' ? Buffer.from(content) : await readFile(content)] as const,
  )
  return encodeInput({ args: [name, ...args], files: Object.fromEntries(await Promise.all(contents)) })
}

/** Of this thread alone: V8 compiles in others, and so do neighbours. */
function now(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

async function measureOne(program: BenchProgram, runs: number): Promise<Times> {
  const bytes = await readFile(program.module)
  const input = await inputOf(program)
  const job = decodeInput(input)

  const started = now()
  const built = buildProgram(bytes)
  const buildMs = now() - started
  const sides = { raw: await WebAssembly.compile(bytes), canonical: await compile(built) }
  const calls = meterByCalls(bytes)

  const times: Times = {
    ...{ raw: [], canonical: [], callsRatio: null, fuel: 0, buildMs },
    ...{ moduleBytes: bytes.length, canonicalBytes: built.canonical.length },
  }
  for (let i = -WARM_UP; i < runs; i++) {
    const begun = now()
    const raw = await runRaw(sides.raw, job)
    const between = now()
    const result = await run(sides.canonical, input, LIMITS)
    const ended = now()
    mustAgree(program, raw, 'canonical', decodeOutput(result.output))
    times.fuel = Number(result.fuelUsed)
    if (i < 0) continue
    times.raw.push(between - begun)
    times.canonical.push(ended - between)
  }
  if (calls && program.fewer) times.callsRatio = await compareCalls(program, sides.raw, calls)
  return times
}

async function compareCalls(
  program: BenchProgram,
  raw: WebAssembly.Module,
  { bytes, imports }: MeteredByCalls,
) {
  const job = decodeInput(await inputOf({ ...program, args: program.fewer! }))
  const metered = await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>)
  const times = { raw: [] as number[], metered: [] as number[] }
  for (let i = 0; i < 2; i++) {
    const begun = now()
    const expected = await runRaw(raw, job)
    const between = now()
    const written = await runRaw(metered, job, imports)
    times.raw.push(between - begun)
    times.metered.push(now() - between)
    mustAgree(program, expected, 'wasm-metering', written)
  }
  return Math.min(...times.metered) / Math.min(...times.raw)
}

function mustAgree({ name }: BenchProgram, expected: Written, side: string, written: Written): void {
  const same = Buffer.compare(written.stdout, expected.stdout) === 0
  if (same && written.exitCode === 0 && written.stdout.length > 0) return
  const shown = [expected, written].map(({ exitCode, stdout, stderr }) => [
    exitCode,
    text(stdout),
    text(stderr),
  ])
  throw new Error(`${name}: the ${side} run wrote something else: ${JSON.stringify(shown)}`)
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 500))
}

const [name, runs] = process.argv.slice(2)
const program = PROGRAMS.find((other) => other.name === name)
if (!program) throw new Error(`There is no program "${name}".`)
process.stdout.write(JSON.stringify(await measureOne(program, Number(runs))))
