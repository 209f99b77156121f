/** What a valid module must keep to before it becomes a program: imports, entry, sizes. */
import { ModuleRefusedError } from '../wasm/error.ts'
import type { BuildLimits } from '../wasm/limits.ts'
import { type FunctionType, KIND, KIND_NAMES, type Module, type Segment } from '../wasm/module.ts'
import { F32, F64, FUNCREF, I32, I64 } from '../wasm/opcodes.ts'
import { printable } from '../wasm/printable.ts'
import { RESERVED_PREFIX } from './abi.ts'
import { ALLOWED_IMPORTS } from './wasiSignatures.ts'

const PAGE_BYTES = 65_536
const LETTERS: Record<number, string> = { [I32]: 'i', [I64]: 'I', [F32]: 'f', [F64]: 'F', [FUNCREF]: 'r' }
const TYPE_WORDS: Record<string, string> = { i: 'i32', I: 'i64', f: 'f32', F: 'f64', r: 'funcref' }

/** What the canonical program runs, in order. */
export interface Entry {
  /** The export that a runner would have called in the module itself. */
  readonly name: string
  /** Functions without parameters: start function, `_initialize`, the entry. */
  readonly calls: readonly number[]
}

/**
 * Checks what only the machine asks for, and finds the entry.
 * @throws {ModuleRefusedError}
 */
export function admit(module: Module, limits: BuildLimits): Entry {
  checkImports(module)
  checkSizes(module, limits)
  checkActiveSegments(module)
  return chooseEntry(module)
}

function checkImports(module: Module): void {
  for (const { module: from, name, kind, type, offset } of module.imports) {
    const full = `${from}.${name}`
    const shown = printable(full)
    if (kind !== KIND.function) {
      throw new ModuleRefusedError(
        'import',
        offset,
        `it imports the ${KIND_NAMES[kind]} ${shown}; a program brings its own`,
      )
    }
    const allowed = ALLOWED_IMPORTS.get(full)
    if (allowed === undefined) {
      throw new ModuleRefusedError(
        'import',
        offset,
        `it imports ${shown}, which the machine does not have`,
        'Only wasi_snapshot_preview1 and env.abort can be imported.',
      )
    }
    const actual = signature(module.types[type]!)
    if (actual !== allowed) {
      throw new ModuleRefusedError(
        'import',
        offset,
        `it imports ${full} as ${words(actual)}, which is ${words(allowed)}`,
      )
    }
  }
}

function signature({ params, results }: FunctionType): string {
  const letters = (types: Uint8Array) => Array.from(types, (type) => LETTERS[type]).join('')
  return `${letters(params)}>${letters(results)}`
}

function words(signature: string): string {
  const list = (letters: string) => [...letters].map((letter) => TYPE_WORDS[letter]).join(', ')
  const [params, results] = signature.split('>') as [string, string]
  return `(${list(params)}) -> (${list(results)})`
}

function checkSizes(module: Module, limits: BuildLimits): void {
  for (const { min, offset } of module.memories) {
    if (min <= limits.maxPages) continue
    const reason = `its memory starts with ${min} pages of 64 KiB; at most ${limits.maxPages} are allowed`
    throw new ModuleRefusedError('memory', offset, reason, 'Build it with a smaller initial memory.')
  }
  let elements = 0
  for (const [i, { min, offset }] of module.tables.entries()) {
    elements += min
    if (elements <= limits.maxTableElements) continue
    const reason =
      `table ${i} starts with ${min} elements, and the tables up to it with ${elements}; ` +
      `at most ${limits.maxTableElements} are allowed together`
    throw new ModuleRefusedError('table', offset, reason)
  }
}

/** Offsets are constants here, so whether the segments fit is known before anything runs. */
function checkActiveSegments(module: Module): void {
  const check = (section: string, segments: Segment[], size: (table: number) => number) => {
    for (const [i, { active, length, offset }] of segments.entries()) {
      if (active === null) continue
      const start = active.start! >>> 0
      if (start + length <= size(active.table)) continue
      throw new ModuleRefusedError(section, offset, `segment ${i} does not fit: ${length} at ${start}`)
    }
  }
  check('element', module.elements, (table) => module.tables[table]!.min)
  check('data', module.data, () => module.memories[0]!.min * PAGE_BYTES)
}

function chooseEntry(module: Module): Entry {
  for (const { name, offset } of module.exports) {
    if (!name.startsWith(RESERVED_PREFIX)) continue
    throw new ModuleRefusedError(
      'export',
      offset,
      `it exports ${printable(name)}: names with that start are reserved`,
    )
  }
  const calls = module.start ? [module.start.index] : []
  const command = module.exports.find(({ name }) => name === '_start')
  if (command) return { name: '_start', calls: [...calls, entryFunction(module, '_start', false)] }

  const main = module.exports.find(({ name }) => name === 'main')
  if (!main) {
    throw new ModuleRefusedError(
      'export',
      module.bytes.length,
      'it exports nothing to run',
      'Export a function _start (what a WASI command does), or main without parameters.',
    )
  }
  const initialize = module.exports.some(({ name }) => name === '_initialize')
  if (initialize) calls.push(entryFunction(module, '_initialize', false))
  return { name: 'main', calls: [...calls, entryFunction(module, 'main', true)] }
}

/** The function of that export, which must take nothing and give nothing (or an exit code). */
function entryFunction(module: Module, name: string, mayGiveCode: boolean): number {
  const { kind, index, offset } = module.exports.find((entry) => entry.name === name)!
  if (kind !== KIND.function) {
    throw new ModuleRefusedError('export', offset, `${name} is a ${KIND_NAMES[kind]}, not a function`)
  }
  const actual = signature(module.types[module.functions[index]!]!)
  if (actual === '>' || (mayGiveCode && actual === '>i')) return index
  const expected = mayGiveCode ? '() -> () or () -> (i32)' : '() -> ()'
  throw new ModuleRefusedError('export', offset, `${name} is ${words(actual)}; it should be ${expected}`)
}
