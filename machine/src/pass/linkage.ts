/**
 * How a program is put together of a module and, where it has one, a library that its imports lead to.
 *
 * Without a library the module's indices stay as they are and its imports remain the program's. With one:
 *
 *     functions  the four primitives, the module's own, the library's needed ones, helpers of the pass
 *     types      the module's, the library's, those of the pass
 *     globals    the module's, the library's, those of the pass
 *     data       the module's, the library's
 *     memories   0 the module's (of no pages if it has none), 1 the library's
 *
 * The module's imported functions become functions of the library ({@link Library.targets}). What the library
 * imports becomes a primitive, called through a wrapper that charges for it, or an adapter: a function of its
 * own that whoever links writes with `layout.functionIndex(name, () => makeFunction(…))` of `helpers.ts`, in
 * final indices, as code for both memories. Only what is reached that way is written. An adapter is not metered:
 * its caller pays for the call and for nothing else, so it has no loops and charges for bulk by `chargeBytes`.
 *
 * The library's code is metered, guarded and made canonical as the module's is. It has one memory, no table, no
 * start function and no imports but functions. It is trusted to be such a module, not to be harmless.
 */
import type { Module } from '../wasm/module.ts'
import { I32 } from '../wasm/opcodes.ts'
import type { Layout } from './layout.ts'

/** Module name of the primitives. */
export const PRIMITIVE_MODULE = 'millrace'

/**
 * All that a linked program can ask of its machine. Pointers are into memory 1, numbers are unsigned.
 * `bytes` says which parameter counts bytes moved, for the charge.
 */
export const PRIMITIVES = [
  /** Bytes of the input. */
  { name: 'input_length', params: [], results: [I32], bytes: null },
  /** `(to, offset, length)`: copies that stretch of the input; traps if it is not within input and memory. */
  { name: 'input_read', params: [I32, I32, I32], results: [], bytes: 2 },
  /** `(from, length)`: appends to the output. */
  { name: 'output_write', params: [I32, I32], results: [], bytes: 1 },
  /** `(code)`: ends the program, and does not come back. */
  { name: 'halt', params: [I32], results: [], bytes: null },
] as const

export type PrimitiveName = (typeof PRIMITIVES)[number]['name']

/** What an import of the library becomes: a primitive, or the final index of an adapter. */
export type LibraryImport = PrimitiveName | ((layout: Layout) => number)

/** A library and what of it a program takes. Function indices are those of the library's own module. */
export interface Library {
  readonly module: Module
  /** Own functions that are written into the program, ascending. */
  readonly functions: readonly number[]
  /** By import of the library. */
  readonly imports: readonly LibraryImport[]
  /** By imported function of the user's module: the own function of the library in its place, of the same type. */
  readonly targets: readonly number[]
  /** `() -> ()`, called before the program's first function. */
  readonly enter?: number
  /** `(i32) -> ()`, called with the exit code after the program's last function. */
  readonly leave?: number
}

/** How the indices in one module's code are written in the program. */
export interface Indices {
  /** False where every index stays as it is. */
  readonly moved: boolean
  readonly types: number
  readonly globals: number
  readonly data: number
  readonly memory: number
  functionIndex(index: number): number
}

export function moduleIndices(module: Module, library: Library | null): Indices {
  const base = { types: 0, globals: 0, data: 0, memory: 0 }
  if (!library) return { ...base, moved: false, functionIndex: (index) => index }
  const place = places(module, library)
  const shift = PRIMITIVES.length - module.importedFunctions
  const functionIndex = (index: number) =>
    index < module.importedFunctions ? place.get(library.targets[index]!)! : index + shift
  return { ...base, moved: true, functionIndex }
}

/**
 * @param resolve gives the final index for what an import becomes
 */
export function libraryIndices(
  module: Module,
  library: Library,
  resolve: (target: LibraryImport) => number,
): Indices {
  const place = places(module, library)
  const functionIndex = (index: number) => {
    const own = place.get(index)
    if (own !== undefined) return own
    const target = library.imports[index]
    if (target === undefined) throw new Error(`function ${index} of the library is needed and left out`)
    return resolve(target)
  }
  return {
    moved: true,
    types: module.types.length,
    globals: module.globals.length,
    data: module.data.length,
    memory: 1,
    functionIndex,
  }
}

/** How many functions come before the helpers of the pass. */
export function functionCount(module: Module, library: Library | null): number {
  if (!library) return module.functions.length
  return PRIMITIVES.length + module.functions.length - module.importedFunctions + library.functions.length
}

/** The final index of each function of the library that is written. */
function places(module: Module, library: Library): Map<number, number> {
  const first = functionCount(module, library) - library.functions.length
  return new Map(library.functions.map((index, i) => [index, first + i]))
}
