import { type Hex, toHex } from './io/hash.ts'
import { libraryFor } from './link/library.ts'
import { lower } from './lower/lower.ts'
import { admit, type Entry } from './pass/admit.ts'
import { instrument, type PassWork } from './pass/instrument.ts'
import { settle } from './pass/original.ts'
import { plainModule } from './plainModule.ts'
import { SPECIFICATION_VERSION } from './state/registers.ts'
import { ProgramTrees } from './state/stateTrees.ts'
import { firstState } from './step/firstState.ts'
import { decodeModule } from './wasm/decodeModule.ts'
import { type BuildLimits, DEFAULT_LIMITS } from './wasm/limits.ts'
import type { Module } from './wasm/module.ts'

export { ModuleRefusedError } from './wasm/error.ts'
export { type BuildLimits, DEFAULT_LIMITS } from './wasm/limits.ts'

/** Goes up with every change after which some module has another canonical program, or a program another root. */
export const MACHINE_VERSION = SPECIFICATION_VERSION

/** A program's first contents depend on neither. */
const NO_INPUT = new Uint8Array(0)
const NO_LIMITS = { fuel: 0n, outputMax: 0n }

/** What a module became: everything that a run, an order or a dispute needs to know of it. */
export interface Program {
  readonly version: number
  /** Names the program everywhere: orders, tickets, blob stores. */
  readonly root: Hex
  /**
   * Wasm that engines run exactly as it is. Its exports: `pass/abi.ts`. In its last section it carries the module
   * that it was made of, so that it is its own canonical program.
   */
  readonly canonical: Uint8Array
  /** Bytes of what it was made of. */
  readonly moduleSize: number
  /** The module's own memory, in pages of 64 KiB; both 0 where there is none. The library's comes on top. */
  readonly memory: { readonly minPages: number; readonly maxPages: number }
  /** Functions that the module imports, as `module.name`, in order. */
  readonly imports: readonly string[]
  /** The export of the module that is run. */
  readonly entry: string
  /** Whether it talks to the world through WASI, or only computes and exits. */
  readonly kind: 'wasi' | 'bare'
  /** What the pass wrote into it. */
  readonly work: PassWork
}

/**
 * Turns a module into its program: validates it, refuses what the machine does not run, links what it imports
 * into it, and writes fuel, stack bound and canonical NaN into the code. Pure: the same bytes give the same program
 * everywhere. A canonical program gives itself.
 *
 * @param bytes a `module.wasm`
 * @param limits others than the default ones are for tests and tools: parties agree on the default ones
 * @throws {ModuleRefusedError} naming section, byte and reason
 */
export function buildProgram(bytes: Uint8Array, limits: BuildLimits = DEFAULT_LIMITS): Program {
  const plain = plainModule(bytes)
  let parts: Parts | undefined
  const { canonical } = settle(plain, (original) => {
    // Errors name places in what was given.
    parts = buildParts(original === plain ? bytes : original, limits)
    return parts.code
  })
  const { module, entry, code, work } = parts!
  const [memory] = module.memories
  const imports = module.imports.map(({ module: from, name }) => `${from}.${name}`)
  return {
    version: MACHINE_VERSION,
    root: programRoot(code),
    canonical,
    moduleSize: bytes.length,
    memory: {
      minPages: memory?.min ?? 0,
      maxPages: memory ? Math.min(memory.max ?? limits.maxPages, limits.maxPages) : 0,
    },
    imports,
    entry: entry.name,
    kind: imports.some((name) => name.startsWith('wasi_')) ? 'wasi' : 'bare',
    work,
  }
}

interface Parts {
  readonly module: Module
  readonly entry: Entry
  /** The canonical program without what it carries. */
  readonly code: Uint8Array
  readonly work: PassWork
}

function buildParts(bytes: Uint8Array, limits: BuildLimits): Parts {
  const module = decodeModule(bytes, limits)
  const entry = admit(module, limits)
  let work: PassWork | undefined
  const code = instrument(module, limits, {
    calls: entry.calls,
    library: libraryFor(module),
    onWork: (done) => {
      work = done
    },
  })
  return { module, entry, code, work: work! }
}

/**
 * Names the lowered program, as `docs/MACHINE.md` says.
 *
 * @param code the canonical program, with or without the section that carries its module
 */
export function programRoot(code: Uint8Array): Hex {
  const lowered = lower(code)
  const first = firstState(lowered, NO_INPUT, NO_LIMITS)
  return toHex(new ProgramTrees(first).programRoot(lowered.maxPages))
}
