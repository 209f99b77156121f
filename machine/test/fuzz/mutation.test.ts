/** Broken modules: refused in so many words, or programs that keep to their limits. */
import { beforeAll, describe, expect, it } from 'vitest'
import { encodeInput } from '../../src/io/input.ts'
import { buildProgram, DEFAULT_LIMITS, type Program } from '../../src/program.ts'
import { Dice } from '../../src/random/dice.ts'
import { HostAbortError } from '../../src/run/errors.ts'
import { run } from '../../src/run/run.ts'
import { canonicalOf } from '../../src/testing/guest.ts'
import { ModuleRefusedError } from '../../src/wasm/error.ts'
import { batchesOf, DEEP, SEED } from './budget.ts'
import { generateModule } from './generateModule.ts'
import { mutate } from './mutate.ts'
import { type RealModule, realModules } from './specimens.ts'

const BATCH = 500
const batches = batchesOf({ quick: 8, deep: 2_000 }).map((_, i) => SEED + i * BATCH)

const LIMITS = { fuel: 200_000n, outputMax: 5_000 }
const INPUT = encodeInput({ args: ['mutant', '10'], stdin: new TextEncoder().encode('one two two') })

/** Bytes of canonical program for a byte of module, and for none: a small module brings the library of its calls. */
const GROWTH = { byte: 20, none: 65_536 }
/** Far beyond what any takes: only a loop that does not end, or grows with the square, gets there. */
const MOST_MILLISECONDS = 20_000

/** A large module takes long to build, so it gets fewer turns. */
const TURNS: readonly [most: number, turns: number][] = [
  [20_000, 40],
  [60_000, 8],
  [Number.POSITIVE_INFINITY, 1],
]

const counts = { refused: 0, accepted: 0, exited: 0, aborted: 0 }

describe(`${batches.length * BATCH} mutants (FUZZ_SEED=${SEED})`, () => {
  let turns: RealModule[]
  beforeAll(async () => {
    turns = (await realModules()).flatMap((module) => {
      const [, times] = TURNS.find(([most]) => module.bytes.length <= most)!
      return new Array<RealModule>(times).fill(module)
    })
  })

  it.each(batches)('from seed %i on are refused or run', async (first) => {
    const wrong: string[] = []
    for (let seed = first; seed < first + BATCH; seed++) {
      const dice = new Dice(seed)
      const generated = { name: 'generated', bytes: generateModule(seed >> 3).plain, spans: [] }
      const isGenerated = dice.chance(0.3)
      const source = isGenerated
        ? { ...generated, spans: [{ start: 8, end: generated.bytes.length }] }
        : dice.pick(turns)
      const mutant = mutate(dice, source, dice.pick(turns))
      const started = performance.now()
      const found = isGenerated ? judgeModule(mutant) : await judgeProgram(mutant)
      const took = performance.now() - started
      if (found) wrong.push(`seed ${seed} of ${source.name}: ${found}`)
      if (took > MOST_MILLISECONDS) wrong.push(`seed ${seed} of ${source.name}: ${took} ms`)
    }
    expect(wrong).toEqual([])
  })

  it('are of both kinds', () => {
    const { refused, accepted, exited, aborted } = counts
    if (DEEP) console.log(JSON.stringify(counts))
    for (const share of [refused, accepted]) expect(share).toBeGreaterThan((refused + accepted) / 50)
    expect(exited).toBeGreaterThan(0)
    expect(aborted).toBeLessThan(accepted / 4)
  })
})

/** As the agent does with a stranger's module. */
async function judgeProgram(mutant: Uint8Array): Promise<string | null> {
  let program: Program
  try {
    program = buildProgram(mutant)
  } catch (error) {
    return refusal(error)
  }
  const wrong = judgeBytes(mutant, program.canonical)
  if (wrong) return wrong
  if (program.memory.maxPages > DEFAULT_LIMITS.maxPages) return `it may have ${program.memory.maxPages} pages`
  try {
    const { status, fuelUsed, output } = await run(program, INPUT, LIMITS)
    if (status === 'exited') counts.exited++
    if (fuelUsed > LIMITS.fuel || fuelUsed < 0n) return `it used ${fuelUsed} of fuel`
    if (output.length > LIMITS.outputMax) return `it wrote ${output.length} bytes`
    return null
  } catch (error) {
    // This thread's stack is smaller than the machine asks for, and memory may be scarce.
    if (!(error instanceof HostAbortError)) return String(error)
    counts.aborted++
    return null
  }
}

/** A module with imports of its own, which no program may have. */
function judgeModule(mutant: Uint8Array): string | null {
  try {
    return judgeBytes(mutant, canonicalOf(mutant).canonical)
  } catch (error) {
    return refusal(error)
  }
}

function refusal(error: unknown): string | null {
  if (!(error instanceof ModuleRefusedError)) return (error as Error).stack ?? String(error)
  counts.refused++
  return null
}

function judgeBytes(mutant: Uint8Array, canonical: Uint8Array): string | null {
  counts.accepted++
  if (!WebAssembly.validate(mutant as Uint8Array<ArrayBuffer>)) return 'V8 refuses it'
  if (!WebAssembly.validate(canonical as Uint8Array<ArrayBuffer>)) return 'V8 refuses its canonical program'
  const most = mutant.length * GROWTH.byte + GROWTH.none
  return canonical.length <= most ? null : `${mutant.length} bytes became ${canonical.length}`
}
