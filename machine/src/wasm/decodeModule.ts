/**
 * Reads a binary module and validates all of it but the code, which `BodyValidator` does. One pass over the
 * bytes; nothing is allocated for an entry before its bytes were seen.
 */

import {
  decodeExports,
  decodeFunctions,
  decodeGlobals,
  decodeImports,
  decodeMemories,
  decodeStart,
  decodeTables,
  decodeTypes,
} from './decodeSections.ts'
import { decodeBodies, decodeData, decodeElements } from './decodeSegments.ts'
import type { BuildLimits } from './limits.ts'
import type { Module } from './module.ts'
import { Reader } from './reader.ts'

export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const

const SECTION_NAMES = Object.keys(SECTION)

/** Where a section stands among the others: the data count comes before the code that needs it. */
const ORDER = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 10]

const FEATURE_SECTIONS: Record<number, { name: string; feature: string }> = {
  13: { name: 'tag', feature: 'exceptions' },
  14: { name: 'string', feature: 'stringref' },
}

/** @throws {ModuleRefusedError} if the bytes are no module, an invalid one, or beyond the limits. */
export function decodeModule(bytes: Uint8Array, limits: BuildLimits): Module {
  const reader: Reader = new Reader(bytes)
  if (bytes.length > limits.moduleBytes) {
    reader.refuse(`it has ${bytes.length} bytes; at most ${limits.moduleBytes} are allowed`)
  }
  checkHeader(reader)

  const module: Module = {
    bytes,
    types: [],
    imports: [],
    functions: [],
    importedFunctions: 0,
    tables: [],
    importedTables: 0,
    memories: [],
    importedMemories: 0,
    globals: [],
    importedGlobals: 0,
    exports: [],
    start: null,
    elements: [],
    data: [],
    dataCount: null,
    declared: new Uint8Array(0),
    bodies: [],
    entries: new Map(),
  }

  let last = 0
  while (reader.pos < bytes.length) {
    reader.section = 'module'
    reader.end = bytes.length
    const start = reader.pos
    const id = reader.u8()
    const feature = FEATURE_SECTIONS[id]
    if (feature) {
      reader.section = feature.name
      reader.refuseFeature(feature.feature, start)
    }
    const name = SECTION_NAMES[id]
    if (name === undefined) reader.refuse(`unknown section ${id}`, start)
    reader.section = name
    const size = reader.u32()
    if (size > bytes.length - reader.pos) {
      reader.refuse(`the file is truncated: this section should have ${size} bytes`, start)
    }
    reader.end = reader.pos + size
    if (id === SECTION.custom) {
      reader.name()
      reader.pos = reader.end
      continue
    }
    const place = ORDER[id]!
    if (place === last) reader.refuse('the section is there twice', start)
    if (place < last) reader.refuse('the section is out of order', start)
    last = place
    decodeSection(id, reader, module, limits)
    if (reader.pos !== reader.end) reader.refuse('the section is longer than its content')
  }

  checkWhole(reader, module)
  return module
}

function checkHeader(reader: Reader): void {
  const { bytes } = reader
  const hex = (from: number) =>
    [...bytes.subarray(from, from + 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  if (bytes.length === 0) reader.refuse('not a Wasm module: the file is empty')
  if (bytes[0] !== 0 || bytes[1] !== 0x61 || bytes[2] !== 0x73 || bytes[3] !== 0x6d) {
    reader.refuse(`not a Wasm module: the first four bytes are ${hex(0)}, not 00 61 73 6d`)
  }
  if (bytes.length < 8) reader.refuse('the file is truncated: it ends within its header', bytes.length)
  if (bytes[4] === 0x0d && bytes[5] === 0 && bytes[6] === 1 && bytes[7] === 0) {
    reader.refuse('it is a component, not a core module', 4, 'Build a core module (wasm32-wasi, preview 1).')
  }
  if (bytes[4] !== 1 || bytes[5] !== 0 || bytes[6] !== 0 || bytes[7] !== 0) {
    reader.refuse(`unknown version of the binary format: ${hex(4)}, not 01 00 00 00`, 4)
  }
  reader.pos = 8
}

function decodeSection(id: number, reader: Reader, module: Module, limits: BuildLimits): void {
  switch (id) {
    case SECTION.type:
      decodeTypes(reader, module, limits)
      return
    case SECTION.import:
      decodeImports(reader, module, limits)
      return
    case SECTION.function:
      decodeFunctions(reader, module, limits)
      return
    case SECTION.table:
      decodeTables(reader, module, limits)
      return
    case SECTION.memory:
      decodeMemories(reader, module, limits)
      return
    case SECTION.global:
      decodeGlobals(reader, module, limits)
      return
    case SECTION.export:
      decodeExports(reader, module, limits)
      return
    case SECTION.start:
      decodeStart(reader, module)
      return
    case SECTION.element:
      decodeElements(reader, module, limits)
      return
    case SECTION.dataCount:
      module.dataCount = reader.u32()
      return
    case SECTION.code:
      decodeBodies(reader, module, limits)
      return
    case SECTION.data:
      decodeData(reader, module, limits)
      return
  }
}

/** What only the whole module shows: sections that are missing although another one promised them. */
function checkWhole(reader: Reader, module: Module): void {
  reader.section = 'module'
  const declared = module.functions.length - module.importedFunctions
  const bodies = module.bodies.length / 2
  if (declared !== bodies) {
    reader.refuse(`${declared} functions are declared and ${bodies} bodies are there`)
  }
  if (module.dataCount !== null && module.dataCount !== module.data.length) {
    reader.refuse(`${module.dataCount} data segments are declared and ${module.data.length} are there`)
  }
}
