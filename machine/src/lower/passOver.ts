/** Reads instructions for nothing but their length. */
import { IMM, IMMEDIATE, OP } from '../wasm/opcodes.ts'
import type { ProgramReader } from './programReader.ts'

/** Flag of a load's or store's alignment: the memory's number follows. */
export const NAMES_MEMORY = 0x40

export function readOpcode(reader: ProgramReader): number {
  const op = reader.u8()
  return op === 0xfc ? 0x100 + reader.u32() : op
}

/** Passes over what cannot be reached, up to the `else` or `end` of the block at hand. */
export function passOverDead(reader: ProgramReader): void {
  for (let nested = 0; ; ) {
    const start = reader.pos
    const op = readOpcode(reader)
    if (op === OP.block || op === OP.loop || op === OP.if) nested++
    else if (nested === 0 && (op === OP.else || op === OP.end)) {
      reader.pos = start
      return
    } else if (op === OP.end) nested--
    passOverImmediates(reader, op, start)
  }
}

/** @param start where the instruction is, for the error */
export function passOverImmediates(reader: ProgramReader, op: number, start: number): void {
  switch (IMMEDIATE[op] ?? IMM.refused) {
    case IMM.none:
      return
    case IMM.refused:
      reader.refuse(`unknown instruction 0x${op.toString(16)}`, start)
      return
    case IMM.labels:
    case IMM.types:
      for (let left = reader.u32() + (op === OP.brTable ? 1 : 0); left > 0; left--) reader.u32()
      return
    case IMM.memarg:
      if (reader.u32() & NAMES_MEMORY) reader.u32()
      reader.u32()
      return
    case IMM.f32:
      reader.skip(4)
      return
    case IMM.f64:
      reader.skip(8)
      return
    case IMM.blockType:
    case IMM.i32:
    case IMM.i64:
      // A block's type is a number too.
      reader.s64()
      return
    case IMM.typeTable:
    case IMM.memoryMemory:
    case IMM.dataMemory:
    case IMM.elemTable:
    case IMM.tableTable:
      reader.u32()
      reader.u32()
      return
    default:
      reader.u32()
  }
}
