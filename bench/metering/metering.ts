/**
 * What metering costs: the untouched module on V8 beside its canonical program, each over a WASI of its own, on the
 * same input. Each program has a process to itself; in it the two take turns, and the least processor time of each
 * counts: whatever disturbs a run makes it longer, never shorter.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type BenchProgram, PROGRAMS } from '../programs/catalog.ts'
import type { Bench } from '../report.ts'
import type { Times } from './child.ts'

const RUNS = 7

interface Row {
  name: string
  raw_ms: number
  canonical_ms: number
  ratio: number
  /** Units of fuel of one run. */
  fuel: number
  ns_per_fuel: number
  /** By what part the ratio of the even runs is above that of the odd ones. */
  spread: number
  /** The same for `wasm-metering`, which calls the host for each block; null where it cannot read the module. */
  wasm_metering_ratio: number | null
  /** Size of the canonical program to that of the module, and the pass's speed in megabytes a second. */
  size_ratio: number
  pass_mb_per_s: number
}

export async function measure(): Promise<Bench> {
  const rows = new Map<BenchProgram, Row>()
  for (const program of PROGRAMS) {
    const row = rowOf(program.name, await measureInChild(program.name))
    rows.set(program, row)
    console.error(
      `${row.name}: ${row.ratio.toFixed(3)} (${row.raw_ms} ms raw, ${row.canonical_ms} ms canonical)`,
    )
  }
  const isStress = ({ kind }: BenchProgram) => kind === 'stress'
  const select = (wanted: boolean) => [...rows].filter(([p]) => isStress(p) === wanted).map(([, row]) => row)
  const [programs, stress] = [select(false), select(true)]
  const kernels = programs.filter(({ name }) => PROGRAMS.some((p) => p.name === name && p.kind === 'kernel'))
  const json = {
    geomean: round(geomean(programs.map(({ ratio }) => ratio)), 3),
    geomean_kernels: round(geomean(kernels.map(({ ratio }) => ratio)), 3),
    programs,
    stress,
    // Of the geomean: errors of single programs cancel out in part.
    spread: round(Math.abs(Math.log(geomean(programs.map(({ spread }) => 1 + spread)))), 4),
  }
  return { json, figures: [], table: tableOf(json) }
}

async function measureInChild(name: string): Promise<Times> {
  const child = fileURLToPath(new URL('child.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [child, name, String(RUNS)])
  return JSON.parse(stdout)
}

function rowOf(name: string, times: Times): Row {
  const { raw, canonical, callsRatio, fuel } = times
  const least = (all: number[]) => Math.min(...all)
  const half = (odd: number) => {
    const some = (all: number[]) => all.filter((_, i) => i % 2 === odd)
    return least(some(canonical)) / least(some(raw))
  }
  return {
    name,
    raw_ms: round(least(raw), 1),
    canonical_ms: round(least(canonical), 1),
    ratio: round(least(canonical) / least(raw), 3),
    fuel,
    ns_per_fuel: round((least(canonical) * 1e6) / fuel, 4),
    spread: round(half(0) / half(1) - 1, 3),
    wasm_metering_ratio: callsRatio === null ? null : round(callsRatio, 1),
    size_ratio: round(times.canonicalBytes / times.moduleBytes, 2),
    pass_mb_per_s: round(times.moduleBytes / times.buildMs / 1_000, 1),
  }
}

interface Report {
  geomean: number
  geomean_kernels: number
  programs: Row[]
  stress: Row[]
  spread: number
}

function tableOf({ geomean, geomean_kernels, programs, stress, spread }: Report): string {
  const cells = ({ name, raw_ms, canonical_ms, ratio, ns_per_fuel, wasm_metering_ratio }: Row) => [
    ...[name, raw_ms.toFixed(1), canonical_ms.toFixed(1), ratio.toFixed(3), ns_per_fuel.toFixed(3)],
    wasm_metering_ratio?.toFixed(1) ?? '',
  ]
  const heads = ['program', 'raw ms', 'canonical ms', 'ratio', 'ns/fuel', 'wasm-metering']
  const all = [heads, ...programs.map(cells), ['stress'], ...stress.map(cells)]
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')
  const means = `geomean ${geomean.toFixed(3)} (kernels ${geomean_kernels.toFixed(3)}), spread ${(spread * 100).toFixed(1)} %`
  return [...all.map(line), means].join('\n')
}

function geomean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
