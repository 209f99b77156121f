/** Canonical programs against the modules that they were made of, and broken modules against V8's own judgement. */
import { describe, expect, it } from 'vitest'
import { canonicalOf } from '../testing/guest.ts'
import { randomFrom } from '../testing/random.ts'
import { randomModule } from '../testing/randomModules.ts'
import { ModuleRefusedError } from '../wasm/error.ts'
import { EXPORTS, MAX_FUEL, STATE } from './abi.ts'

const SEED = 4
const MODULES = 8
const MUTATIONS = 100

const seeds = Array.from({ length: MODULES }, (_, i) => SEED * 1000 + i)

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

describe(`random modules (seeds ${seeds[0]} to ${seeds.at(-1)})`, () => {
  it.each(seeds)(
    '%i behaves as its canonical program does, and survives none of its mutations badly',
    (seed) => {
      const bytes = randomModule(seed)
      const { module, canonical } = canonicalOf(bytes)
      const names = module.exports.filter(({ kind }) => kind === 0).map(({ name }) => name)
      const own = behaviour(bytes, names, false)
      const ours = behaviour(canonical, names, true)
      expect(ours.results).toEqual(own.results)
      expect(ours.log).toEqual(own.log)
      expect(Buffer.compare(ours.memory, own.memory)).toBe(0)
      expect(Buffer.compare(canonicalOf(bytes).canonical, canonical)).toBe(0)

      const random = randomFrom(seed)
      for (let i = 0; i < MUTATIONS; i++) judge(mutate(bytes, random), `mutation ${i} of seed ${seed}`)
    },
  )
})

/** One to three bytes changed, and sometimes the end cut off. */
function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const mutant = bytes.slice(0, random() < 0.05 ? Math.floor(random() * bytes.length) : bytes.length)
  for (let n = Math.ceil(random() * 3); n > 0; n--)
    mutant[8 + Math.floor(random() * (mutant.length - 8))] = random() * 256
  return mutant
}

/** A mutant is refused, or V8 takes it and takes its canonical program. */
function judge(mutant: Uint8Array, which: string): void {
  let canonical: Uint8Array<ArrayBuffer>
  try {
    canonical = canonicalOf(mutant).canonical
  } catch (error) {
    expect(error, which).toBeInstanceOf(ModuleRefusedError)
    return
  }
  expect(WebAssembly.validate(mutant as Uint8Array<ArrayBuffer>), which).toBe(true)
  expect(WebAssembly.validate(canonical), which).toBe(true)
}
