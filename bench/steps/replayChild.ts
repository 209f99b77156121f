/**
 * One program's part of the replay bench, in a process of its own: `node replayChild.ts NAME RUNS`. The untouched
 * module, its canonical program and compiled replay take turns. One JSON object on stdout.
 */
import { readFile } from 'node:fs/promises'
import { buildProgram, compile, decodeInput, decodeOutput, encodeInput, run } from '@millrace/machine'
import { ReplayProgram } from '../../machine/src/replay/replay.ts'
import { runRaw } from '../metering/raw.ts'
import { type BenchProgram, PROGRAMS } from '../programs/catalog.ts'

/** Milliseconds of processor time of this thread, least of all runs. */
export interface ReplayTimes {
  raw: number
  canonical: number
  replay: number
  /** A machine that is brought on to each of {@link STOPS} steps, as the first round of a dispute wants. */
  stops: number
  /** Once: compiling, as far as it blocks this thread. */
  compile: number
  steps: number
}

const LIMITS = { fuel: 10n ** 13n, outputMax: 1 << 20 }
/** Beyond the end of every program. */
const END = 2n ** 62n
const WARM_UP = 2
const STOPS = 32n

async function inputOf({ name, args, files }: BenchProgram): Promise<Uint8Array> {
  const contents = Object.entries(files).map(
    async ([path, content]) =>
      [path, typeof content === 'string' ? Buffer.from(content) : await readFile(content)] as const,
  )
  return encodeInput({ args: [name, ...args], files: Object.fromEntries(await Promise.all(contents)) })
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const begun = process.threadCpuUsage()
  await act()
  const { user, system } = process.threadCpuUsage(begun)
  return (user + system) / 1_000
}

async function measureOne(program: BenchProgram, runs: number): Promise<ReplayTimes> {
  const bytes = await readFile(program.module)
  const input = await inputOf(program)
  const built = buildProgram(bytes)
  const [raw, canonical] = [await WebAssembly.compile(bytes), await compile(built)]
  const written = decodeOutput((await run(canonical, input, LIMITS)).output)
  let replay: ReplayProgram
  let steps = 0n
  const times: ReplayTimes = {
    ...{ raw: Infinity, canonical: Infinity, replay: Infinity, stops: Infinity, steps: 0 },
    compile: await timed(async () => {
      replay = new ReplayProgram(built.canonical)
      await replay.replay(input, LIMITS, 10n ** 6n)
    }),
  }
  const sides = {
    raw: () => runRaw(raw, decodeInput(input)),
    canonical: () => run(canonical, input, LIMITS),
    async replay() {
      const machine = await replay.replay(input, LIMITS, END)
      steps = machine.steps
      const output = decodeOutput(machine.memories.output.bytes())
      if (Buffer.compare(output.stdout, written.stdout) !== 0) throw new Error('it wrote something else')
    },
    async stops() {
      let machine = await replay.replay(input, LIMITS, 0n)
      for (let i = 1n; i <= STOPS; i++) machine = await replay.advance(machine, LIMITS, (steps * i) / STOPS)
      if (machine.steps !== steps) throw new Error('it ended elsewhere')
    },
  }
  for (let i = -WARM_UP; i < runs; i++) {
    for (const [name, side] of Object.entries(sides)) {
      const time = await timed(side)
      if (i >= 0) times[name as keyof typeof sides] = Math.min(times[name as keyof typeof sides], time)
    }
  }
  return { ...times, steps: Number(steps) }
}

const [name, runs] = process.argv.slice(2)
const program = PROGRAMS.find((other) => other.name === name)
if (!program) throw new Error(`There is no program "${name}".`)
process.stdout.write(JSON.stringify(await measureOne(program, Number(runs))))
