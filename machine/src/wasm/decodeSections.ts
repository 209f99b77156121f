import { constantExpression } from './constantExpression.ts'
import type { BuildLimits } from './limits.ts'
import { DECLARED, KIND, KIND_NAMES, type Limits, type Module } from './module.ts'
import { F64, FUNCREF, featureOfType, I32 } from './opcodes.ts'
import { printable } from './printable.ts'
import type { Reader } from './reader.ts'

/** Pages that 32 bits can address. */
const ADDRESSABLE_PAGES = 65_536

/** One value type. */
export function valueType(reader: Reader): number {
  const start = reader.pos
  const code = reader.u8()
  if (code >= F64 && code <= I32) return code
  if (code === FUNCREF) return code
  const feature = featureOfType(code)
  if (feature) reader.refuseFeature(feature, start)
  reader.refuse(`0x${code.toString(16)} is no value type`, start)
}

export function referenceType(reader: Reader): number {
  const start = reader.pos
  const code = valueType(reader)
  if (code !== FUNCREF) reader.refuse('a reference type was expected', start)
  return code
}

/** Keeps where the entries of the section are, from here to its end. */
export function markEntries(reader: Reader, module: Module, id: number): void {
  module.entries.set(id, { start: reader.pos, end: reader.end })
}

export function decodeTypes(reader: Reader, module: Module, limits: BuildLimits): void {
  const count = reader.count('types', limits.types)
  markEntries(reader, module, 1)
  for (let i = 0; i < count; i++) {
    const start = reader.pos
    const form = reader.u8()
    if (form !== 0x60) {
      if (form >= 0x4e && form <= 0x5f) reader.refuseFeature('typed references or GC', start)
      reader.refuse(`0x${form.toString(16)} is no function type`, start)
    }
    const params = valueTypes(reader, 'parameters of one function', limits.params)
    const results = valueTypes(reader, 'results of one function', limits.results)
    module.types.push({ params, results })
  }
}

function valueTypes(reader: Reader, what: string, limit: number): Uint8Array {
  const count = reader.count(what, limit)
  const start = reader.pos
  for (let i = 0; i < count; i++) valueType(reader)
  return reader.bytes.subarray(start, reader.pos)
}

function typeIndex(reader: Reader, module: Module): number {
  const start = reader.pos
  const index = reader.u32()
  if (index >= module.types.length) reader.refuse(`there is no type ${index}`, start)
  return index
}

export function decodeImports(reader: Reader, module: Module, limits: BuildLimits): void {
  const count = reader.count('imports', limits.imports)
  markEntries(reader, module, 2)
  for (let i = 0; i < count; i++) {
    const offset = reader.pos
    const from = reader.name()
    const name = reader.name()
    const kindAt = reader.pos
    const kind = reader.u8()
    let type = 0
    switch (kind) {
      case KIND.function:
        type = typeIndex(reader, module)
        module.functions.push(type)
        module.importedFunctions++
        break
      case KIND.table:
        module.tables.push(tableType(reader))
        module.importedTables++
        break
      case KIND.memory:
        addMemory(reader, module, limits)
        module.importedMemories++
        break
      case KIND.global:
        module.globals.push(globalType(reader))
        module.importedGlobals++
        break
      case 4:
        reader.refuseFeature('exceptions (an imported tag)', kindAt)
        break
      default:
        reader.refuse(`0x${kind.toString(16)} is no kind of import`, kindAt)
    }
    module.imports.push({ module: from, name, kind, type, offset })
  }
}

export function decodeFunctions(reader: Reader, module: Module, limits: BuildLimits): void {
  const count = reader.count(
    'functions',
    limits.functions - Math.min(limits.functions, module.importedFunctions),
  )
  markEntries(reader, module, 3)
  for (let i = 0; i < count; i++) module.functions.push(typeIndex(reader, module))
}

export function decodeTables(reader: Reader, module: Module, limits: BuildLimits): void {
  const count = reader.count('tables', limits.tables)
  for (let i = 0; i < count; i++) {
    const start = reader.pos
    if (reader.bytes[start] === 0x40) reader.refuseFeature('typed references or GC', start)
    module.tables.push(tableType(reader))
  }
}

function tableType(reader: Reader): Limits {
  referenceType(reader)
  return sizeLimits(reader, 'a table', 0xffffffff)
}

export function decodeMemories(reader: Reader, module: Module, limits: BuildLimits): void {
  const count = reader.u32()
  for (let i = 0; i < count; i++) addMemory(reader, module, limits)
}

function addMemory(reader: Reader, module: Module, limits: BuildLimits): void {
  if (module.memories.length >= limits.memories) reader.refuseFeature('multiple memories')
  module.memories.push(sizeLimits(reader, 'a memory', ADDRESSABLE_PAGES))
}

function sizeLimits(reader: Reader, what: string, most: number): Limits {
  const offset = reader.pos
  const flags = reader.u8()
  if (flags > 1) {
    if (flags > 0x0f) reader.refuse(`0x${flags.toString(16)} are no limits of ${what}`, offset)
    if (flags & 8) reader.refuseFeature('custom page sizes', offset)
    if (flags & 4) reader.refuseFeature('memory64', offset)
    reader.refuseFeature('threads (shared memory)', offset)
  }
  const min = reader.u32()
  const max = flags === 1 ? reader.u32() : null
  if (min > most || (max ?? 0) > most) reader.refuse(`the limits of ${what} are beyond ${most}`, offset)
  if (max !== null && max < min) reader.refuse(`the maximum of ${what} is below its minimum`, offset)
  return { min, max, offset }
}

function globalType(reader: Reader): { type: number; mutable: boolean } {
  const type = valueType(reader)
  const start = reader.pos
  const flag = reader.u8()
  if (flag > 1) {
    if (flag <= 3) reader.refuseFeature('threads (shared globals)', start)
    reader.refuse(`0x${flag.toString(16)} is no mutability`, start)
  }
  return { type, mutable: flag === 1 }
}

export function decodeGlobals(reader: Reader, module: Module, limits: BuildLimits): void {
  declareSpace(module)
  const count = reader.count('globals', limits.globals)
  markEntries(reader, module, 6)
  for (let i = 0; i < count; i++) {
    const global = globalType(reader)
    constantExpression(reader, module, global.type)
    module.globals.push(global)
  }
}

/** Makes room for a mark by function, once the functions are known. */
function declareSpace(module: Module): void {
  if (module.declared.length === 0) module.declared = new Uint8Array(module.functions.length)
}

export function decodeExports(reader: Reader, module: Module, limits: BuildLimits): void {
  declareSpace(module)
  const count = reader.count('exports', limits.exports)
  const seen = new Set<string>()
  for (let i = 0; i < count; i++) {
    const offset = reader.pos
    const name = reader.name()
    if (seen.has(name)) reader.refuse(`the name ${printable(name)} is exported twice`, offset)
    seen.add(name)
    const kindAt = reader.pos
    const kind = reader.u8()
    const index = reader.u32()
    if (kind === 4) reader.refuseFeature('exceptions (an exported tag)', kindAt)
    const spaces = [module.functions, module.tables, module.memories, module.globals]
    const space = spaces[kind]
    if (!space) reader.refuse(`0x${kind.toString(16)} is no kind of export`, kindAt)
    if (index >= space.length) reader.refuse(`there is no ${KIND_NAMES[kind]} ${index} to export`, kindAt)
    if (kind === KIND.function) module.declared[index]! |= DECLARED.export
    module.exports.push({ name, kind, index, offset })
  }
}

export function decodeStart(reader: Reader, module: Module): void {
  const offset = reader.pos
  const index = reader.u32()
  const type = module.types[module.functions[index] ?? -1]
  if (!type) reader.refuse(`there is no function ${index} to start with`, offset)
  if (type.params.length + type.results.length > 0) {
    reader.refuse('the start function must neither take nor give anything', offset)
  }
  module.start = { index, offset }
}
