/** What the functions of a canonical program are called, for people: nothing that is run or hashed depends on it. */
import { functionCount, PRIMITIVES } from '../pass/linkage.ts'
import { originalIn } from '../pass/original.ts'
import { plainModule } from '../plainModule.ts'
import { decodeModule, SECTION } from '../wasm/decodeModule.ts'
import { ModuleRefusedError } from '../wasm/error.ts'
import { DEFAULT_LIMITS } from '../wasm/limits.ts'
import { KIND, type Module } from '../wasm/module.ts'
import { printable } from '../wasm/printable.ts'
import { Reader } from '../wasm/reader.ts'
import { libraryFor } from './library.ts'

export interface FunctionName {
  /** Undefined where nobody named it. A stranger's text, of printable characters. */
  readonly name: string | undefined
  /** Whose it is: the program's own, the WASI library's, or something that the machine adds. */
  readonly origin: 'module' | 'wasi' | 'machine'
}

const HEADER_BYTES = 8
/** Of the name section: the part with the functions' names. */
const FUNCTION_NAMES = 1

/**
 * Names by index in the canonical program.
 *
 * @param bytes the module, or its canonical program, which has left out the module's name section
 */
export function functionNames(bytes: Uint8Array): (index: number) => FunctionName {
  const original = originalIn(bytes)?.original ?? bytes
  const module = decodeModule(plainModule(original), DEFAULT_LIMITS)
  const library = libraryFor(module)
  const own = ownNames(module, original)
  const shift = module.importedFunctions - PRIMITIVES.length
  const firstOfLibrary = functionCount(module, library) - library.functions.length
  const libraryNames = new Map(
    library.module.exports
      .filter(({ kind }) => kind === KIND.function)
      .map(({ index, name }) => [index, name]),
  )
  return (index) => {
    const primitive = PRIMITIVES[index]
    if (primitive) return { name: primitive.name, origin: 'machine' }
    if (index < firstOfLibrary) return { name: own.get(index + shift), origin: 'module' }
    const inLibrary = library.functions[index - firstOfLibrary]
    if (inLibrary === undefined) return { name: undefined, origin: 'machine' }
    return { name: libraryNames.get(inLibrary)?.replace(/^.*\./, ''), origin: 'wasi' }
  }
}

function ownNames(module: Module, original: Uint8Array): Map<number, string> {
  const names = new Map<number, string>()
  for (const { kind, index, name } of module.exports) if (kind === KIND.function) names.set(index, name)
  for (const [index, name] of nameSection(original)) names.set(index, name)
  return new Map([...names].map(([index, name]) => [index, printable(name)]))
}

/** As much of it as can be read: it is no part of what was validated. */
function* nameSection(bytes: Uint8Array): Generator<[number, string]> {
  const reader = new Reader(bytes, HEADER_BYTES)
  try {
    while (reader.pos < bytes.length) {
      const id = reader.u8()
      const size = reader.u32()
      const end = reader.pos + size
      if (id === SECTION.custom && reader.name() === 'name') yield* functionsIn(reader, end)
      reader.pos = end
    }
  } catch (error) {
    if (!(error instanceof ModuleRefusedError)) throw error
  }
}

function* functionsIn(reader: Reader, end: number): Generator<[number, string]> {
  while (reader.pos < end) {
    const part = reader.u8()
    const size = reader.u32()
    const next = reader.pos + size
    if (part === FUNCTION_NAMES) {
      for (let count = reader.u32(); count > 0; count--) yield [reader.u32(), reader.name()]
    }
    reader.pos = next
  }
}
