/** Engines that must agree: the Nodes that the lockfile pins, under flags that change how V8 makes code. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { NATIVE_STACK_BYTES, V8_FLAGS } from '@millrace/machine'
import type { Observed } from './observation.ts'

export interface Engine {
  readonly name: string
  /** What each of the runs of each job came to. */
  observe(jobs: readonly string[], runs: number): Promise<Record<string, Observed[]>>
  /** Has less native stack than the machine asks for, and may abort. */
  readonly shallow?: boolean
  /** Why it cannot be had here. */
  readonly missing?: string
}

const OBSERVE = fileURLToPath(new URL('observe.ts', import.meta.url))
const NODE_22 = fileURLToPath(new URL('../engines/node_modules/.bin/node', import.meta.url))

/** As a provider runs jobs: with the native stack that the machine asks for. */
export const REFERENCE = node('with the stack that the machine asks for', [])

export const SHORT_ENGINES: readonly Engine[] = [
  shallow('with the stack that Node has by itself', []),
  node('baseline code alone', ['--liftoff-only']),
  node22('Node 22', []),
]

/** Ways in which machine code differs: tiers, when they change, inlining, instructions of the processor, bounds. */
export const MORE_ENGINES: readonly Engine[] = [
  node('optimised code alone', ['--no-liftoff']),
  shallow('a small stack', ['--stack-size=400']),
  node('optimised early, and the program waits for it', [
    '--wasm-sync-tier-up',
    '--wasm-tiering-budget=10000',
  ]),
  node('not optimised in the optimising compiler', ['--no-liftoff', '--no-wasm-opt']),
  node('nothing inlined', ['--no-liftoff', '--no-wasm-inlining']),
  node('indirect calls inlined', ['--wasm-inlining-call-indirect', '--wasm-tiering-budget=10000']),
  node('explicit bounds checks', ['--wasm-enforce-bounds-checks']),
  node('no AVX, no FMA', ['--no-enable-avx', '--no-enable-avx2', '--no-enable-fma3']),
  // Without SSE 4.1 V8 has no SIMD, which the trees of program roots are hashed with.
  node('no SSE 4.2', ['--no-enable-sse4-2', '--no-enable-avx', '--no-enable-avx2']),
  node22('Node 22, baseline code alone', ['--liftoff-only']),
]

function node(name: string, flags: readonly string[]): Engine {
  return { name, observe: (jobs, runs) => observeIn(process.execPath, [...V8_FLAGS, ...flags], jobs, runs) }
}

function shallow(name: string, flags: readonly string[]): Engine {
  return {
    name,
    shallow: true,
    observe: (jobs, runs) => observeIn(process.execPath, flags, jobs, runs),
  }
}

function node22(name: string, flags: readonly string[]): Engine {
  const missing = existsSync(NODE_22) ? undefined : 'npm has a Node 22 for x86-64 Linux only'
  return {
    name,
    observe: (jobs, runs) => observeIn(NODE_22, [...V8_FLAGS, ...flags], jobs, runs),
    ...(missing && { missing }),
  }
}

async function observeIn(engine: string, flags: readonly string[], jobs: readonly string[], runs: number) {
  const command = [engine, ...flags, OBSERVE, String(runs), ...jobs]
  // The system grants the stack that V8 is told of; with less, the process would die.
  const shell = `ulimit -s ${NATIVE_STACK_BYTES / 1024 + 8192} && exec "$@"`
  const { stdout } = await promisify(execFile)('sh', ['-c', shell, 'sh', ...command])
  return JSON.parse(stdout) as Record<string, Observed[]>
}
