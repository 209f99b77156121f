/**
 * Which parts of the WASI library a module needs. What a module imports, it gets from the library, and with that
 * whatever those functions call; nothing else of it becomes part of the program.
 */
import { type Library, type LibraryImport, PRIMITIVE_MODULE, type PrimitiveName } from '../pass/linkage.ts'
import { LIBRARY } from '../wasi/library.gen.ts'
import { BodyValidator } from '../wasm/bodyValidator.ts'
import { decodeModule } from '../wasm/decodeModule.ts'
import { DEFAULT_LIMITS } from '../wasm/limits.ts'
import { KIND, type Module } from '../wasm/module.ts'
import { OP } from '../wasm/opcodes.ts'
import { ADAPTERS } from './adapters.ts'

/** The most memory of its own that the library takes beside a program, in pages of 64 KiB. */
export const LIBRARY_PAGES = 1_024

/** The library as it is for every module. */
interface Whole {
  readonly module: Module
  readonly imports: readonly LibraryImport[]
  /** Functions by what they are exported as: `module.name` of what a program imports, `enter`, `leave`. */
  readonly exports: ReadonlyMap<string, number>
  /** By function: those that it calls. */
  readonly calls: readonly (readonly number[])[]
}

let read: Whole | undefined

/** Read when it is first needed, which takes a few milliseconds. */
function library(): Whole {
  read ??= readWhole(Uint8Array.from(atob(LIBRARY), (character) => character.charCodeAt(0)))
  return read
}

/** What a module needs, in the form that the pass links. */
export function libraryFor(module: Module): Library {
  const whole = library()
  const { exports } = whole
  const targets = module.imports.map(({ module: from, name }) => exported(exports, `${from}.${name}`))
  const enter = exported(exports, 'enter')
  const leave = exported(exports, 'leave')
  const functions = reachable(whole, [enter, leave, ...targets])
  return { module: whole.module, imports: whole.imports, functions, targets, enter, leave }
}

/** What programs can import from the library, as `module.name`. */
export function libraryNames(): string[] {
  return [...library().exports.keys()].filter((name) => name.includes('.'))
}

function exported(exports: ReadonlyMap<string, number>, name: string): number {
  const index = exports.get(name)
  if (index === undefined) throw new Error(`the library has no ${name}`)
  return index
}

function readWhole(bytes: Uint8Array): Whole {
  const module = decodeModule(bytes, DEFAULT_LIMITS)
  const imports = module.imports.map(({ module: from, name }) => importOf(from, name))
  const functions = module.exports.filter(({ kind }) => kind === KIND.function)
  const exports = new Map(functions.map(({ name, index }) => [name, index]))
  return { module, imports, exports, calls: readCalls(module) }
}

function importOf(from: string, name: string): LibraryImport {
  if (from === PRIMITIVE_MODULE) return name as PrimitiveName
  const adapter = ADAPTERS[name]
  if (!adapter) throw new Error(`the library imports ${from}.${name}, which nobody wrote`)
  return adapter
}

function readCalls(module: Module): number[][] {
  const calls: number[][] = Array.from({ length: module.importedFunctions }, () => [])
  const body = new BodyValidator(module, DEFAULT_LIMITS)
  for (let i = 0; i < module.bodies.length / 2; i++) {
    const called = new Set<number>()
    body.begin(i)
    while (!body.done) {
      body.next()
      if (body.op === OP.call) called.add(body.immediate)
      body.check()
    }
    calls.push([...called])
  }
  return calls
}

/** Own functions that are reached from some, ascending. */
function reachable({ module, calls }: Whole, from: readonly number[]): number[] {
  const found = new Set(from)
  for (const index of found) for (const called of calls[index]!) found.add(called)
  return [...found].filter((index) => index >= module.importedFunctions).sort((a, b) => a - b)
}
