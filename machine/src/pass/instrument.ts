/** Writes the canonical program of a module: the one place that knows how the parts are put together. */
import { SECTION } from '../wasm/decodeModule.ts'
import type { BuildLimits } from '../wasm/limits.ts'
import { DECLARED, type Export, KIND, type Module } from '../wasm/module.ts'
import { FUNCREF, I32, I64, OP } from '../wasm/opcodes.ts'
import { Writer } from '../wasm/writer.ts'
import { EXPORTS, STACK_SLOTS } from './abi.ts'
import { BodyInstrumenter } from './bodyInstrumenter.ts'
import { run } from './helpers.ts'
import { Layout } from './layout.ts'

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
const MUTABLE = 1
/** An element segment that only declares, with expressions of no kind but function indices. */
const DECLARATIVE = [3, 0]

export interface InstrumentOptions {
  /** Functions that the entry calls in turn; the last one may give an exit code. */
  readonly calls: readonly number[]
  /** Exports of the module that stay beside the machine's. A program has none. */
  readonly keep?: readonly Export[]
}

/**
 * Validates the code of a decoded module and writes the canonical program. Equal modules give equal bytes.
 * @throws {ModuleRefusedError} if the code is invalid or beyond the limits.
 */
export function instrument(module: Module, limits: BuildLimits, options: InstrumentOptions): Uint8Array {
  const layout = new Layout(module, limits)
  const bodies = new BodyInstrumenter(module, limits, layout)
  const code = new Writer(module.bytes.length * 2)
  const count = module.bodies.length / 2
  for (let i = 0; i < count; i++) bodies.write(i, code)

  const runIndex = addRun(module, layout, options.calls)
  const undeclared = [...bodies.undeclared].filter((index) => module.declared[index] === DECLARED.export)

  const out = new Writer(code.length + module.bytes.length)
  out.put(...HEADER)
  writeTypes(out, layout)
  copyEntries(out, module, SECTION.import, module.imports.length)
  writeFunctions(out, module, layout)
  writeTables(out, module, layout)
  writeMemory(out, module, layout)
  writeGlobals(out, module)
  writeExports(out, module, layout, runIndex, options.keep ?? [])
  writeElements(out, module, undeclared)
  writeDataCount(out, module)
  writeCode(out, code, count, layout)
  copyEntries(out, module, SECTION.data, module.data.length)
  return out.finish()
}

function addRun(module: Module, layout: Layout, calls: readonly number[]): number {
  const last = calls.at(-1)
  const results = last === undefined ? 0 : module.types[module.functions[last]!]!.results.length
  return run(layout, calls, results > 0)
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
  out.section(id, withEntries(module, id, count, 0))
}

/** The start of a section with the module's own entries, to which `more` will be appended. */
function withEntries(module: Module, id: number, own: number, more: number): Writer {
  const span = module.entries.get(id)
  const content = new Writer(64 + (span ? span.end - span.start : 0))
  content.u32(own + more)
  if (span) content.copy(module.bytes, span.start, span.end)
  return content
}

function writeFunctions(out: Writer, module: Module, layout: Layout): void {
  const own = module.functions.length - module.importedFunctions
  const content = withEntries(module, SECTION.function, own, layout.functions.length)
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

function writeMemory(out: Writer, module: Module, layout: Layout): void {
  const own = module.memories[module.importedMemories]
  if (!own) return
  const content = new Writer()
  content.put(1, 1)
  content.u32(own.min)
  content.u32(layout.maxPages)
  out.section(SECTION.memory, content)
}

/** The globals of the machine, in the order of `Layout`: fuel, state, stack. */
function writeGlobals(out: Writer, module: Module): void {
  const own = module.globals.length - module.importedGlobals
  const content = withEntries(module, SECTION.global, own, 3)
  content.put(I64, MUTABLE, OP.i64Const, 0, OP.end)
  content.put(I32, MUTABLE, OP.i32Const, 0, OP.end)
  content.put(I32, MUTABLE, OP.i32Const)
  content.signed(STACK_SLOTS)
  content.u8(OP.end)
  out.section(SECTION.global, content)
}

function writeExports(
  out: Writer,
  module: Module,
  layout: Layout,
  runIndex: number,
  keep: readonly Export[],
): void {
  const own = keep.filter(({ name }) => name !== EXPORTS.memory)
  const content = new Writer()
  const write = (name: string, kind: number, index: number) => {
    content.name(name)
    content.u8(kind)
    content.u32(index)
  }
  const hasMemory = module.memories.length > 0
  content.u32(own.length + (hasMemory ? 5 : 4))
  write(EXPORTS.run, KIND.function, runIndex)
  if (hasMemory) write(EXPORTS.memory, KIND.memory, 0)
  write(EXPORTS.fuel, KIND.global, layout.fuel)
  write(EXPORTS.state, KIND.global, layout.state)
  write(EXPORTS.stack, KIND.global, layout.stack)
  for (const { name, kind, index } of own) write(name, kind, index)
  out.section(SECTION.export, content)
}

/** References need a declaration; where an export was the only one, a segment takes its place. */
function writeElements(out: Writer, module: Module, undeclared: readonly number[]): void {
  const own = module.elements.length
  const more = undeclared.length > 0 ? 1 : 0
  if (own + more === 0) return
  const content = withEntries(module, SECTION.element, own, more)
  if (more > 0) {
    content.put(...DECLARATIVE)
    content.u32(undeclared.length)
    for (const index of undeclared) content.u32(index)
  }
  out.section(SECTION.element, content)
}

function writeDataCount(out: Writer, module: Module): void {
  if (module.dataCount === null) return
  const content = new Writer()
  content.u32(module.dataCount)
  out.section(SECTION.dataCount, content)
}

function writeCode(out: Writer, own: Writer, count: number, layout: Layout): void {
  const content = new Writer(own.length + 4096)
  content.u32(count + layout.functions.length)
  content.append(own)
  for (const { body } of layout.functions) {
    content.u32(body.length)
    content.copy(body, 0, body.length)
  }
  out.section(SECTION.code, content)
}
