/**
 * How fast the interpreter of the provable machine is: steps in a second of processor time, by program, once V8 has
 * compiled it. `node bench/steps/interpret.ts [program…]` shows all.
 */
import { readFile } from 'node:fs/promises'
import { buildProgram, encodeInput } from '@millrace/machine'
import { StepMachine } from '../../machine/src/interpret/stepMachine.ts'
import { lower } from '../../machine/src/lower/lower.ts'
import { type BenchProgram, PROGRAMS } from '../programs/catalog.ts'

/** Steps before the measured ones: while they are made, V8 compiles. */
const WARM_UP = 100_000_000n
const MEASURED = 400_000_000n
const REPETITIONS = 3

const FLOAT = new Set(['matmul', 'fft', 'nbody', 'mandelbrot', 'raytrace'])

export interface InterpreterSpeed {
  /** Of CPython, and the geometric means of integer and of float kernels. */
  readonly steps_per_s: { readonly cpython: number; readonly integer: number; readonly float: number }
  readonly programs: Readonly<Record<string, number>>
}

export async function measureInterpreter(names: readonly string[] = []): Promise<InterpreterSpeed> {
  const programs: Record<string, number> = {}
  for (const program of PROGRAMS) {
    if (names.length > 0 ? !names.includes(program.name) : program.kind === 'stress') continue
    programs[program.name] = Math.round(await speedOf(program))
  }
  const kernels = (float: boolean) =>
    PROGRAMS.filter(({ name, kind }) => kind === 'kernel' && FLOAT.has(name) === float).flatMap(
      ({ name }) => programs[name] ?? [],
    )
  const steps_per_s = {
    cpython: programs.python ?? 0,
    integer: Math.round(geomean(kernels(false))),
    float: Math.round(geomean(kernels(true))),
  }
  return { steps_per_s, programs }
}

async function speedOf(program: BenchProgram): Promise<number> {
  const lowered = lower(buildProgram(await readFile(program.module)).canonical)
  const files = Object.entries(program.files).map(
    async ([path, content]) =>
      [path, typeof content === 'string' ? Buffer.from(content) : await readFile(content)] as const,
  )
  const args = [program.name, ...program.args]
  const input = encodeInput({ args, files: Object.fromEntries(await Promise.all(files)) })
  const machine = new StepMachine(lowered, input, { fuel: 10n ** 13n, outputMax: 1 << 20 })
  machine.runTo(WARM_UP)
  let best = 0
  for (let i = 0; i < REPETITIONS; i++) {
    const [begun, before] = [now(), machine.steps]
    machine.runTo(before + MEASURED)
    // A program that ended leaves too little to measure.
    if (machine.steps - before < MEASURED / 4n) break
    best = Math.max(best, Number(machine.steps - before) / (now() - begun))
  }
  return best
}

/** Seconds of this thread's processor time. */
function now(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1e6
}

function geomean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}

if (import.meta.main) {
  const { steps_per_s, programs } = await measureInterpreter(process.argv.slice(2))
  for (const [name, speed] of Object.entries({ ...programs, ...steps_per_s })) {
    console.log(`${name.padEnd(12)} ${(speed / 1e6).toFixed(0).padStart(6)} M steps/s`)
  }
}
