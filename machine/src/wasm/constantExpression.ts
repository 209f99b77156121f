import { DECLARED, type Module } from './module.ts'
import { F32, F64, FUNCREF, featureOfOpcode, I32, I64, NAME, OP, typeName } from './opcodes.ts'
import type { Reader } from './reader.ts'

/**
 * Reads and validates the expression of a global, an element or a segment's offset: one constant and `end`.
 * @returns the value of an `i32.const`, or null for anything else.
 */
export function constantExpression(reader: Reader, module: Module, expected: number): number | null {
  const start = reader.pos
  const op = reader.u8()
  let type: number
  let value: number | null = null
  switch (op) {
    case OP.i32Const:
      type = I32
      value = reader.s32()
      break
    case OP.i64Const:
      type = I64
      reader.skipS64()
      break
    case OP.f32Const:
      type = F32
      reader.skip(4)
      break
    case OP.f64Const:
      type = F64
      reader.skip(8)
      break
    case OP.globalGet:
      type = importedConstant(reader, module)
      break
    case OP.refNull: {
      const at = reader.pos
      const heap = reader.u8()
      if (heap !== FUNCREF) reader.refuseFeature(heap === 0x6f ? 'externref' : 'typed references or GC', at)
      type = FUNCREF
      break
    }
    case OP.refFunc: {
      const index = reader.u32()
      if (index >= module.functions.length) reader.refuse(`there is no function ${index}`, start)
      declare(module, index)
      type = FUNCREF
      break
    }
    case OP.end:
      reader.refuse('a constant expression is empty', start)
      break
    default: {
      const feature = featureOfOpcode(op)
      if (feature) reader.refuseFeature(feature, start)
      reader.refuse(`${NAME[op] || `0x${op.toString(16)}`} is not constant`, start)
    }
  }
  if (type !== expected) {
    reader.refuse(`a constant should be ${typeName(expected)} and is ${typeName(type)}`, start)
  }
  if (reader.u8() !== OP.end) {
    reader.refuse('a constant expression has more than one instruction', reader.pos - 1)
  }
  return value
}

/** Marks a function as one that `ref.func` may name. */
export function declare(module: Module, index: number): void {
  if (module.declared.length === 0) module.declared = new Uint8Array(module.functions.length)
  module.declared[index]! |= DECLARED.elsewhere
}

function importedConstant(reader: Reader, module: Module): number {
  const at = reader.pos
  const index = reader.u32()
  const global = module.globals[index]
  if (!global || index >= module.importedGlobals) {
    reader.refuse(`a constant may only read an imported global, and ${index} is none`, at)
  }
  if (global.mutable) reader.refuse(`a constant reads global ${index}, which can change`, at)
  return global.type
}
