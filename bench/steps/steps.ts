// What it takes to prove any step of a run: to get to it, to hash the state there, and to make it on chain.
import { readFile } from 'node:fs/promises'
import { buildProgram } from '@millrace/machine'
import { lower } from '../../machine/src/lower/lower.ts'
import { originalIn } from '../../machine/src/pass/original.ts'
import { PROGRAMS } from '../programs/catalog.ts'
import type { Bench, Figure } from '../report.ts'
import { measureStepGas } from './gas.ts'
import { measureInterpreter } from './interpret.ts'
import { measureReplay } from './replay.ts'
import { measureRoots } from './roots.ts'

/** The others would say no more, and take as long. */
const NAMES = PROGRAMS.filter(({ name, kind }) => kind === 'kernel' || name === 'python').map(
  ({ name }) => name,
)

const MEGABYTE = 1e6
const REPETITIONS = 5

export async function measure(): Promise<Bench> {
  console.error('lowering …')
  const lower_mb_per_s = await measureLowering()
  console.error('roots …')
  const { root_64mib_ms, root_delta_ms } = await measureRoots()
  console.error('the interpreter …')
  const { steps_per_s } = await measureInterpreter(NAMES)
  console.error('replay …')
  const { ratio } = await measureReplay(NAMES)
  const step_gas = await measureStepGas()
  const json = {
    step_gas,
    steps_per_s,
    replay: ratio,
    ...{ root_64mib_ms, root_delta_ms, lower_mb_per_s },
  }
  return { json, figures: figuresOf(json) }
}

interface Measured {
  readonly step_gas: Awaited<ReturnType<typeof measureStepGas>>
  readonly steps_per_s: { readonly cpython: number; readonly integer: number; readonly float: number }
  readonly replay: { readonly kernels: number; readonly worst_kernel: number; readonly cpython: number }
  readonly root_64mib_ms: number
  readonly root_delta_ms: number
  readonly lower_mb_per_s: number
}

function figuresOf({ step_gas, steps_per_s, replay, ...rest }: Measured): Figure[] {
  const mega = (steps: number) => Math.round(steps / 1e6)
  return [
    { name: 'step_gas, mean', value: step_gas.mean, aim: 85_000, unit: 'gas' },
    { name: 'step_gas, max', value: step_gas.max, aim: 150_000, unit: 'gas' },
    ...Object.entries(step_gas.by_class).map(([name, { mean }]) => ({
      ...{ name: `  ${name}, mean`, value: mean, unit: 'gas' },
    })),
    ...Object.entries(steps_per_s).map(([name, value]) => ({
      ...{ name: `interpreter, ${name}`, value: mega(value), unit: 'M steps/s' },
    })),
    { name: 'replay, kernels', value: replay.kernels, aim: 2, unit: 'times raw V8' },
    { name: 'replay, slowest kernel', value: replay.worst_kernel, unit: 'times raw V8' },
    { name: 'replay, cpython', value: replay.cpython, aim: 4, unit: 'times raw V8' },
    { name: 'root_64mib_ms', value: rest.root_64mib_ms, unit: 'ms' },
    { name: 'root_delta_ms', value: rest.root_delta_ms, unit: 'ms' },
    { name: 'lower_mb_per_s', value: rest.lower_mb_per_s, aim: 5, atLeast: true, unit: 'MB/s' },
  ]
}

/** Megabytes of CPython's canonical program that are lowered in a second of processor time. */
async function measureLowering(): Promise<number> {
  const { module } = PROGRAMS.find(({ name }) => name === 'python')!
  const { canonical } = buildProgram(await readFile(module))
  // Behind it stands the module that it was made of, which nobody lowers.
  const size = originalIn(canonical)!.offset
  const seconds = Array.from({ length: REPETITIONS }, () => {
    const begun = process.threadCpuUsage()
    lower(canonical)
    const { user, system } = process.threadCpuUsage(begun)
    return (user + system) / 1e6
  })
  return Math.round(size / Math.min(...seconds) / MEGABYTE)
}
