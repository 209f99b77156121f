/** Modules of somebody else's generator on V8 as they are, beside their canonical programs. */
import { describe, expect, it } from 'vitest'
import { EXPORTS, MAX_FUEL, STATE } from '../../src/pass/abi.ts'
import { canonicalOf } from '../../src/testing/guest.ts'
import { randomModule } from '../../src/testing/randomModules.ts'
import { BATCH, batchesOf, SEED } from './budget.ts'

const batches = batchesOf({ quick: 2, deep: 40 })

/** What calling every export in turn came to, in the order of the exports. */
interface Behaviour {
  readonly results: string[]
  readonly log: string[]
  readonly memory: Uint8Array
}

function behaviour(bytes: Uint8Array, names: readonly string[], isCanonical: boolean): Behaviour {
  const log: string[] = []
  const imports: WebAssembly.ModuleImports = new Proxy(
    {},
    {
      get:
        (_, name) =>
        (...args: unknown[]) =>
          void log.push(`${String(name)} ${args.map(String)}`),
    },
  )
  const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>)
  let exports: WebAssembly.Exports = {}
  // The module's start function runs when it is instantiated, the canonical program's when it is told to.
  const start = outcome(() => {
    exports = new WebAssembly.Instance(module, { 'fuzzing-support': imports }).exports
    if (isCanonical) refill(exports)
    if (isCanonical) (exports[EXPORTS.run] as () => number)()
  })
  if (start !== 'undefined') return { results: [start], log, memory: new Uint8Array(0) }
  const results = names.map((name) => {
    if (isCanonical) refill(exports)
    return outcome(exports[name] as CallableFunction)
  })
  return { results, log, memory: new Uint8Array((exports.memory as WebAssembly.Memory).buffer) }
}

function refill(exports: WebAssembly.Exports): void {
  ;(exports[EXPORTS.fuel] as WebAssembly.Global).value = MAX_FUEL
  ;(exports[EXPORTS.state] as WebAssembly.Global).value = STATE.running
}

function outcome(call: CallableFunction): string {
  // Only parameters of type i64 want bigints, and which are is not visible from here: a call that got the
  // wrong kind throws a TypeError before it starts, with both programs.
  try {
    return String(call(...new Array(call.length).fill(0)))
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return `trap: ${error.message}`
    return (error as Error).constructor.name
  }
}

describe(`${batches.length * BATCH} modules of Binaryen's generator (FUZZ_SEED=${SEED})`, () => {
  it.each(batches)('from seed %i on do as programs what they do on V8', async (first) => {
    for (let seed = first; seed < first + BATCH; seed++) {
      const bytes = await randomModule(seed)
      const { module, canonical } = canonicalOf(bytes)
      const names = module.exports.filter(({ kind }) => kind === 0).map(({ name }) => name)
      const own = behaviour(bytes, names, false)
      const ours = behaviour(canonical, names, true)
      expect(ours.results, `seed ${seed}`).toEqual(own.results)
      expect(ours.log, `seed ${seed}`).toEqual(own.log)
      expect(Buffer.compare(ours.memory, own.memory), `seed ${seed}`).toBe(0)
      expect(Buffer.compare(canonicalOf(bytes).canonical, canonical), `seed ${seed}`).toBe(0)
    }
  })
})
