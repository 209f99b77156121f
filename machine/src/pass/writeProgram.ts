/** Writes a program's sections around its code: those of the module, of the library, and what the pass adds. */
import { SECTION } from '../wasm/decodeModule.ts'
import { type Export, KIND, type Module } from '../wasm/module.ts'
import { FUNCREF, I32, I64, OP } from '../wasm/opcodes.ts'
import { Writer } from '../wasm/writer.ts'
import { EXPORTS, STACK_SLOTS } from './abi.ts'
import { type Layout, memoriesOf } from './layout.ts'
import { functionCount, type Indices, type Library, PRIMITIVE_MODULE, PRIMITIVES } from './linkage.ts'
import { relocateElements, relocateGlobals } from './relocate.ts'

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
const MUTABLE = 1
/** An element segment that only declares, with expressions of no kind but function indices. */
const DECLARATIVE = [3, 0]
/** A data segment for a memory that is named. */
const ACTIVE_IN = 2

export interface Parts {
  readonly module: Module
  readonly library: Library | null
  readonly indices: Indices
  readonly layout: Layout
  /** The bodies of module and library, each behind its size. */
  readonly code: Writer
  readonly codeCount: number
  readonly runIndex: number
  /** The module's functions that an element segment must declare. */
  readonly undeclared: readonly number[]
  /** Exports of the module beside the machine's. */
  readonly keep: readonly Export[]
}

export function writeProgram(parts: Parts): Uint8Array {
  const { module, library, layout, code } = parts
  // Types of the primitives' imports are added before the type section is written.
  const imports = primitiveImports(parts)
  const out = new Writer(code.length + module.bytes.length)
  out.put(...HEADER)
  writeTypes(out, layout)
  if (imports) out.section(SECTION.import, imports)
  else copyEntries(out, module, SECTION.import, module.imports.length)
  writeFunctions(out, parts)
  writeTables(out, module, layout)
  writeMemories(out, parts)
  writeGlobals(out, parts)
  writeExports(out, parts)
  writeElements(out, parts)
  writeDataCount(out, module, library)
  writeCode(out, parts)
  writeData(out, module, library)
  return out.finish()
}

function primitiveImports({ library, layout }: Parts): Writer | null {
  if (!library) return null
  const content = new Writer()
  content.u32(PRIMITIVES.length)
  for (const { name, params, results } of PRIMITIVES) {
    content.name(PRIMITIVE_MODULE)
    content.name(name)
    content.u8(KIND.function)
    content.u32(layout.typeIndex({ params: Uint8Array.from(params), results: Uint8Array.from(results) }))
  }
  return content
}

function writeTypes(out: Writer, layout: Layout): void {
  const content = new Writer()
  content.u32(layout.types.length)
  for (const { params, results } of layout.types) {
    content.u8(0x60)
    for (const types of [params, results]) {
      content.u32(types.length)
      content.copy(types, 0, types.length)
    }
  }
  out.section(SECTION.type, content)
}

/** Copies a section's entries as they are, and leaves out one that has none. */
function copyEntries(out: Writer, module: Module, id: number, count: number): void {
  if (count === 0) return
  const content = new Writer()
  content.u32(count)
  putEntries(content, module, id)
  out.section(id, content)
}

function putEntries(content: Writer, module: Module, id: number): void {
  const span = module.entries.get(id)
  if (span) content.copy(module.bytes, span.start, span.end)
}

function writeFunctions(out: Writer, { module, library, layout }: Parts): void {
  const content = new Writer()
  const imported = library ? PRIMITIVES.length : module.importedFunctions
  content.u32(functionCount(module, library) - imported + layout.functions.length)
  putEntries(content, module, SECTION.function)
  for (const index of library?.functions ?? []) {
    content.u32(library!.module.functions[index]! + module.types.length)
  }
  for (const { type } of layout.functions) content.u32(type)
  out.section(SECTION.function, content)
}

function writeTables(out: Writer, module: Module, layout: Layout): void {
  const own = module.tables.slice(module.importedTables)
  if (own.length === 0) return
  const content = new Writer()
  content.u32(own.length)
  for (const [i, { min }] of own.entries()) {
    content.put(FUNCREF, 1)
    content.u32(min)
    content.u32(layout.maxElements[module.importedTables + i]!)
  }
  out.section(SECTION.table, content)
}

function writeMemories(out: Writer, { module, library, layout }: Parts): void {
  const all = memoriesOf(module, library?.module ?? null)
  const own = all.slice(module.importedMemories)
  if (own.length === 0) return
  const content = new Writer()
  content.u32(own.length)
  for (const [i, { min }] of own.entries()) {
    content.u8(1)
    content.u32(min)
    content.u32(layout.maxPages[module.importedMemories + i]!)
  }
  out.section(SECTION.memory, content)
}

/** The module's, the library's, and those of the machine in the order of `Layout`: fuel, state, stack. */
function writeGlobals(out: Writer, { module, library, indices }: Parts): void {
  const content = new Writer()
  const own = module.globals.length - module.importedGlobals
  content.u32(own + (library?.module.globals.length ?? 0) + 3)
  if (indices.moved) relocateGlobals(content, module, indices)
  else putEntries(content, module, SECTION.global)
  if (library) putEntries(content, library.module, SECTION.global)
  content.put(I64, MUTABLE, OP.i64Const, 0, OP.end)
  content.put(I32, MUTABLE, OP.i32Const, 0, OP.end)
  content.put(I32, MUTABLE, OP.i32Const)
  content.signed(STACK_SLOTS)
  content.u8(OP.end)
  out.section(SECTION.global, content)
}

function writeExports(out: Writer, { module, indices, layout, runIndex, keep, library }: Parts): void {
  const own = keep.filter(({ name }) => name !== EXPORTS.memory)
  const content = new Writer()
  const write = (name: string, kind: number, index: number) => {
    content.name(name)
    content.u8(kind)
    content.u32(index)
  }
  const hasMemory = module.memories.length > 0
  content.u32(own.length + 4 + Number(hasMemory) + Number(library !== null))
  write(EXPORTS.run, KIND.function, runIndex)
  if (hasMemory) write(EXPORTS.memory, KIND.memory, 0)
  if (library) write(EXPORTS.libraryMemory, KIND.memory, 1)
  write(EXPORTS.fuel, KIND.global, layout.fuel)
  write(EXPORTS.state, KIND.global, layout.state)
  write(EXPORTS.stack, KIND.global, layout.stack)
  for (const { name, kind, index } of own) {
    write(name, kind, kind === KIND.function ? indices.functionIndex(index) : index)
  }
  out.section(SECTION.export, content)
}

/** References need a declaration; where an export was the only one, a segment takes its place. */
function writeElements(out: Writer, { module, indices, undeclared }: Parts): void {
  const own = module.elements.length
  const more = undeclared.length > 0 ? 1 : 0
  if (own + more === 0) return
  const content = new Writer()
  content.u32(own + more)
  if (indices.moved) relocateElements(content, module, indices)
  else putEntries(content, module, SECTION.element)
  if (more > 0) {
    content.put(...DECLARATIVE)
    content.u32(undeclared.length)
    for (const index of undeclared) content.u32(indices.functionIndex(index))
  }
  out.section(SECTION.element, content)
}

function writeDataCount(out: Writer, module: Module, library: Library | null): void {
  if (module.dataCount === null && (library?.module.dataCount ?? null) === null) return
  const content = new Writer()
  content.u32(module.data.length + (library?.module.data.length ?? 0))
  out.section(SECTION.dataCount, content)
}

function writeCode(out: Writer, { layout, code, codeCount }: Parts): void {
  const content = new Writer(code.length + 4096)
  content.u32(codeCount + layout.functions.length)
  content.append(code)
  for (const { body } of layout.functions) {
    content.u32(body.length)
    content.copy(body, 0, body.length)
  }
  out.section(SECTION.code, content)
}

function writeData(out: Writer, module: Module, library: Library | null): void {
  const more = library?.module.data ?? []
  if (module.data.length + more.length === 0) return
  const content = new Writer()
  content.u32(module.data.length + more.length)
  putEntries(content, module, SECTION.data)
  for (const { active, length, end } of more) {
    if (active) {
      content.put(ACTIVE_IN, 1, OP.i32Const)
      content.signed(active.start!)
      content.u8(OP.end)
    } else content.u8(1)
    content.u32(length)
    content.copy(library!.module.bytes, end - length, end)
  }
  out.section(SECTION.data, content)
}
