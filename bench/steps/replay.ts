/**
 * How fast compiled replay brings a program to its end: the untouched module on V8, its canonical program and compiled
 * replay in turns, in one process for each program. `node bench/steps/replay.ts [program…]` shows all.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PROGRAMS } from '../programs/catalog.ts'
import type { ReplayTimes } from './replayChild.ts'

const RUNS = 5

export interface ReplaySpeed {
  /** Times of the untouched module: the geometric mean of the kernels, the worst of them, CPython. */
  readonly ratio: { readonly kernels: number; readonly worst_kernel: number; readonly cpython: number }
  readonly programs: Readonly<Record<string, ReplayRow>>
}

export interface ReplayRow {
  readonly raw_ms: number
  readonly ratio: number
  /** To the canonical program, which is what a provider runs. */
  readonly ratio_to_canonical: number
  /** Of 32 stops on the way, each in a state that can be hashed, to the untouched module's one run. */
  readonly ratio_of_32_stops: number
  readonly steps_per_s: number
  readonly compile_ms: number
}

export async function measureReplay(names: readonly string[] = []): Promise<ReplaySpeed> {
  const programs: Record<string, ReplayRow> = {}
  for (const { name } of PROGRAMS) {
    if (names.length > 0 && !names.includes(name)) continue
    programs[name] = rowOf(await measureInChild(name))
    console.error(`${name}: ${programs[name].ratio} (${programs[name].ratio_of_32_stops} with 32 stops)`)
  }
  const kernels = PROGRAMS.filter(({ kind }) => kind === 'kernel').flatMap(
    ({ name }) => programs[name]?.ratio ?? [],
  )
  const geomean = Math.exp(kernels.reduce((sum, ratio) => sum + Math.log(ratio), 0) / kernels.length)
  return {
    ratio: {
      kernels: round(geomean, 3),
      worst_kernel: Math.max(...kernels),
      cpython: programs.python?.ratio ?? Number.NaN,
    },
    programs,
  }
}

async function measureInChild(name: string): Promise<ReplayTimes> {
  const child = fileURLToPath(new URL('replayChild.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [child, name, String(RUNS)])
  return JSON.parse(stdout)
}

function rowOf({ raw, canonical, replay, stops, compile, steps }: ReplayTimes): ReplayRow {
  return {
    raw_ms: round(raw, 1),
    ratio: round(replay / raw, 3),
    ratio_to_canonical: round(replay / canonical, 3),
    ratio_of_32_stops: round(stops / raw, 3),
    steps_per_s: Math.round((steps / replay) * 1e3),
    compile_ms: round(compile, 0),
  }
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

if (import.meta.main) console.log(JSON.stringify(await measureReplay(process.argv.slice(2)), null, 2))
