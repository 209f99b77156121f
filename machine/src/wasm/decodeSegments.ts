import { constantExpression, declare } from './constantExpression.ts'
import { markEntries, referenceType } from './decodeSections.ts'
import type { BuildLimits } from './limits.ts'
import type { Module, Segment } from './module.ts'
import { FUNCREF, I32 } from './opcodes.ts'
import type { Reader } from './reader.ts'

/** Bits of an element segment's form. Bit 1 means a table index if the segment is active, else declarative. */
const PASSIVE = 1
const TABLE_OR_DECLARATIVE = 2
const EXPRESSIONS = 4

export function decodeElements(reader: Reader, module: Module, limits: BuildLimits): void {
  const count = reader.count('element segments', limits.segments)
  markEntries(reader, module, 9)
  let elements = 0
  for (let i = 0; i < count; i++) {
    const segment = elementSegment(reader, module, limits)
    elements += segment.length
    if (elements > limits.segmentElements) {
      const reason = `its segments up to ${i} have ${elements} elements; at most ${limits.segmentElements} are allowed`
      reader.refuse(reason, segment.offset)
    }
    module.elements.push(segment)
  }
}

function elementSegment(reader: Reader, module: Module, limits: BuildLimits): Segment {
  const offset = reader.pos
  const form = reader.u32()
  if (form > 7) reader.refuse(`${form} is no form of an element segment`, offset)
  let active: Segment['active'] = null
  if (!(form & PASSIVE)) {
    const table = form & TABLE_OR_DECLARATIVE ? reader.u32() : 0
    if (table >= module.tables.length) reader.refuse(`there is no table ${table}`, offset)
    active = { table, start: constantExpression(reader, module, I32) }
  }
  const typed = (form & 3) !== 0
  if (form & EXPRESSIONS) {
    if (typed) referenceType(reader)
  } else if (typed) {
    const at = reader.pos
    if (reader.u8() !== 0) reader.refuse('an unknown kind of element', at)
  }
  const length = reader.count('elements in one segment', limits.maxTableElements)
  for (let i = 0; i < length; i++) {
    if (form & EXPRESSIONS) {
      constantExpression(reader, module, FUNCREF)
      continue
    }
    const at = reader.pos
    const index = reader.u32()
    if (index >= module.functions.length) reader.refuse(`there is no function ${index}`, at)
    declare(module, index)
  }
  // A declarative segment is dropped at once: to `table.init` it is empty.
  return { active, length, offset, end: reader.pos }
}

export function decodeBodies(reader: Reader, module: Module, limits: BuildLimits): void {
  const countAt = reader.pos
  const count = reader.count('function bodies', limits.functions)
  const declared = module.functions.length - module.importedFunctions
  if (count !== declared) {
    reader.refuse(`${declared} functions are declared and ${count} bodies are there`, countAt)
  }
  for (let i = 0; i < count; i++) {
    const start = reader.pos
    const size = reader.u32()
    if (size > limits.bodyBytes) {
      reader.refuse(`a function body has ${size} bytes; at most ${limits.bodyBytes} are allowed`, start)
    }
    reader.skip(size)
    module.bodies.push(reader.pos - size, reader.pos)
  }
}

export function decodeData(reader: Reader, module: Module, limits: BuildLimits): void {
  const count = reader.count('data segments', limits.segments)
  markEntries(reader, module, 11)
  for (let i = 0; i < count; i++) {
    const offset = reader.pos
    const form = reader.u32()
    if (form > 2) reader.refuse(`${form} is no form of a data segment`, offset)
    let active: Segment['active'] = null
    if (form !== PASSIVE) {
      const memory = form === 2 ? reader.u32() : 0
      if (memory >= module.memories.length) {
        if (memory > 0 && module.memories.length > 0) reader.refuseFeature('multiple memories', offset)
        reader.refuse(`there is no memory ${memory}`, offset)
      }
      active = { table: 0, start: constantExpression(reader, module, I32) }
    }
    const length = reader.u32()
    reader.skip(length)
    module.data.push({ active, length, offset, end: reader.pos })
  }
}
