/** Copies entries in which functions are named, with the program's indices in place of the module's. */
import { SECTION } from '../wasm/decodeModule.ts'
import type { Module } from '../wasm/module.ts'
import { IMM, IMMEDIATE, OP } from '../wasm/opcodes.ts'
import { Reader } from '../wasm/reader.ts'
import type { Writer } from '../wasm/writer.ts'
import type { Indices } from './linkage.ts'

/** Bits of an element segment's form (`decodeSegments.ts` checked what is read here). */
const PASSIVE = 1
const TABLE_OR_DECLARATIVE = 2
const EXPRESSIONS = 4

export function relocateGlobals(out: Writer, module: Module, indices: Indices): void {
  const reader = entries(module, SECTION.global)
  while (reader && reader.pos < reader.end) {
    out.put(reader.u8(), reader.u8())
    expression(reader, out, indices)
  }
}

export function relocateElements(out: Writer, module: Module, indices: Indices): void {
  const reader = entries(module, SECTION.element)
  while (reader && reader.pos < reader.end) {
    const form = reader.u32()
    out.u32(form)
    if (!(form & PASSIVE)) {
      if (form & TABLE_OR_DECLARATIVE) out.u32(reader.u32())
      expression(reader, out, indices)
    }
    if ((form & 3) !== 0) out.u8(reader.u8())
    const length = reader.u32()
    out.u32(length)
    for (let i = 0; i < length; i++) {
      if (form & EXPRESSIONS) expression(reader, out, indices)
      else out.u32(indices.functionIndex(reader.u32()))
    }
  }
}

function entries(module: Module, id: number): Reader | null {
  const span = module.entries.get(id)
  return span ? new Reader(module.bytes, span.start, span.end) : null
}

/** One constant and `end`. */
function expression(reader: Reader, out: Writer, indices: Indices): void {
  const start = reader.pos
  const op = reader.u8()
  switch (IMMEDIATE[op]) {
    case IMM.i32:
      reader.s32()
      break
    case IMM.i64:
      reader.skipS64()
      break
    case IMM.f32:
      reader.skip(4)
      break
    case IMM.f64:
      reader.skip(8)
      break
    default: {
      const index = reader.u32()
      reader.u8()
      out.u8(op)
      out.u32(op === OP.refFunc ? indices.functionIndex(index) : index)
      out.u8(OP.end)
      return
    }
  }
  reader.u8()
  out.copy(reader.bytes, start, reader.pos)
}
