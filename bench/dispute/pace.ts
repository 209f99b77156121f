/**
 * How fast a provider gets to its first move, the dearest one: the run's end, and the 31 states of its defence. What
 * `PROOF_PACE` and `HASH_PACE` of `sdk/src/proof/times.ts` are chosen from. `node bench/dispute/pace.ts [name…]`; each
 * program in a process of its own, whose processor time counts: neighbours do not.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { buildProgram, encodeInput } from '@millrace/machine'
import { Trace } from '@millrace/machine/steps'
import { firstLevelOf, gridOf, levelOf, SECTIONS } from '@millrace/sdk'
import { wat } from '../../machine/src/testing/wat.ts'
import { PROGRAMS } from '../programs/catalog.ts'
import { jobOf } from './job.ts'

export interface Pace {
  readonly name: string
  readonly steps: number
  readonly seconds: number
  /** Millions of units of fuel in one of them. */
  readonly mfuel_per_s: number
  /** Steps made to steps of the run. */
  readonly runs: number
  readonly hashed_mb: number
  /** Of the time that goes into hashing, and into finding what is to be hashed. */
  readonly hashed_mb_per_s: number
}

const MEGA = 1e6
const WASM_PAGE_BYTES = 65_536
const UNROLLED = 50

/** Programs that somebody writes who wants another to lose by the clock. */
const HOSTILE: Readonly<Record<string, string>> = {
  'list of 256 MiB': list({ pages: 4_096, loads: 40_000_000 }),
  'loop around a float': loops(1_000_000),
  'fill of 4 MiB': fill({ pages: 64, rounds: 240 }),
  'fill of 64 MiB': fill({ pages: 1_024, rounds: 15 }),
  'fill of 512 MiB': fill({ pages: 8_192, rounds: 2 }),
}

async function measureHere(name: string): Promise<Pace> {
  const text = HOSTILE[name]
  const { module, input } = text ? { module: wat(text), input: encodeInput({}) } : await jobOf(name)
  const { canonical } = buildProgram(module)
  const begun = process.cpuUsage()
  const limits = { fuel: 10n ** 13n, outputMax: 1 << 20 }
  const trace = await Trace.open({ program: canonical, input, limits })
  const { steps, fuelUsed } = await trace.ending()
  await trace.statesAt(gridOf(firstLevelOf(steps, levelOf(fuelUsed) - 1)).slice(0, SECTIONS - 1))
  const { user, system } = process.cpuUsage(begun)
  const seconds = (user + system) / MEGA
  const { work } = trace
  return {
    name,
    steps: Number(steps),
    seconds: round(seconds),
    mfuel_per_s: Math.round(Number(fuelUsed) / seconds / MEGA),
    runs: round(Number(work.steps) / Number(steps)),
    hashed_mb: Math.round(Number(work.hashedBytes) / MEGA),
    hashed_mb_per_s: Math.round(Number(work.hashedBytes) / work.msHash / 1_000),
  }
}

/** Rewrites all of its memory again and again, by the instruction that writes most for its fuel. */
function fill({ pages, rounds }: { pages: number; rounds: number }): string {
  return `(module (memory ${pages})
    (func (export "_start") (local $page i32) (local $round i32)
      (loop $again
        (local.set $page (i32.const 0))
        (loop $next
          (memory.fill
            (i32.mul (local.get $page) (i32.const ${WASM_PAGE_BYTES}))
            (i32.add (local.get $round) (i32.mul (local.get $page) (i32.const 7)))
            (i32.const ${WASM_PAGE_BYTES}))
          (local.set $page (i32.add (local.get $page) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $page) (i32.const ${pages}))))
        (local.set $round (i32.add (local.get $round) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $round) (i32.const ${rounds}))))))`
}

/** Follows a list through all of its memory, a node a cache line, in an order that no cache foresees. */
function list({ pages, loads }: { pages: number; loads: number }): string {
  const last = (pages * WASM_PAGE_BYTES) / 64 - 1
  return `(module (memory ${pages})
    (func (export "_start") (local $i i32) (local $at i32) (local $node i32)
      (loop $make
        (i32.store
          (i32.shl (local.get $node) (i32.const 6))
          (i32.shl
            (i32.and
              (i32.add (i32.mul (local.get $node) (i32.const 1664525)) (i32.const 1013904223))
              (i32.const ${last}))
            (i32.const 6)))
        (local.set $node (i32.add (local.get $node) (i32.const 1)))
        (br_if $make (i32.le_u (local.get $node) (i32.const ${last}))))
      (loop $again
        ${'(local.set $at (i32.load (local.get $at)))'.repeat(UNROLLED)}
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $i) (i32.const ${loads / UNROLLED}))))))`
}

/** Makes the most steps for its fuel (`docs/MACHINE.md`, "Steps and fuel"): loops that go round once. */
function loops(rounds: number): string {
  return `(module
    (func (export "_start") (local $i i32) (local $x f32)
      (loop $again
        ${'loop (result f32) (f32.nearest (local.get $x)) end drop '.repeat(UNROLLED)}
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $i) (i32.const ${rounds}))))))`
}

const round = (value: number) => Number(value.toFixed(2))

if (process.argv[2] === '--one') {
  process.stdout.write(JSON.stringify(await measureHere(process.argv[3]!)))
} else if (import.meta.main) {
  const kernels = PROGRAMS.filter(({ kind }) => kind !== 'stress').map(({ name }) => name)
  const names = process.argv.length > 2 ? process.argv.slice(2) : [...kernels, ...Object.keys(HOSTILE)]
  const rows: Pace[] = []
  for (const name of names) {
    const { stdout } = await promisify(execFile)(process.execPath, [
      fileURLToPath(import.meta.url),
      '--one',
      name,
    ])
    rows.push(JSON.parse(stdout))
    console.error(stdout)
  }
  console.table(rows)
}
