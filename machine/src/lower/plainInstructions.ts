/** Instructions that stay what they are but for how their immediates are written. */
import { instructionOf } from '../isa/encoding.ts'
import { IMM, IMMEDIATE, NAME, OP, OP_COUNT, OPERAND_COUNT, RESULT } from '../wasm/opcodes.ts'
import type { CodeWriter } from './codeWriter.ts'
import { NAMES_MEMORY } from './passOver.ts'
import type { ProgramReader } from './programReader.ts'
import type { Sections } from './sections.ts'

/** What the instructions behind the prefix 0xfc are counted from: 0xfc 0x00 is 0xc8. */
const PREFIXED = 0x100 - 0xc8

/** By instruction of WebAssembly: the opcode of the same name, and by how many slots it changes the stack. */
const SAME = new Uint8Array(OP_COUNT)
const CHANGE = new Int8Array(OP_COUNT)
for (let op = 0; op < OP_COUNT; op++) {
  const opcode = op < 0x100 ? op : op - PREFIXED
  if (NAME[op] !== '' && instructionOf(opcode)?.name === NAME[op]) SAME[op] = opcode
  CHANGE[op] = (RESULT[op] === 0 ? 0 : 1) - OPERAND_COUNT[op]!
}

/** Where passive segments begin among their contents, by segment: `b` of the instructions that copy from them. */
export interface SegmentStarts {
  readonly data: Uint32Array
  readonly elements: Uint32Array
}

export class PlainInstructions {
  private readonly reader: ProgramReader
  private readonly sections: Sections
  private readonly starts: SegmentStarts
  private readonly code: CodeWriter

  constructor(reader: ProgramReader, sections: Sections, starts: SegmentStarts, code: CodeWriter) {
    this.reader = reader
    this.sections = sections
    this.starts = starts
    this.code = code
  }

  /**
   * Writes an instruction whose opcode was read.
   * @returns by how many slots it changes the stack
   */
  write(op: number): number {
    const { reader, code, starts } = this
    // `unreachable`, the opcode 0, has been seen to before.
    const opcode = SAME[op] ?? 0
    if (opcode === 0) reader.refuse(`unknown instruction 0x${op.toString(16)}`, code.origin)
    const change = CHANGE[op]!
    switch (IMMEDIATE[op]) {
      case IMM.none:
        code.emit(opcode, 0)
        return change
      case IMM.memarg: {
        const memory = reader.u32() & NAMES_MEMORY ? this.memory() : 0
        code.emit(opcode | (memory << 8), reader.u32())
        return change
      }
      case IMM.memory: {
        const memory = this.memory()
        code.emit(opcode | (memory << 8), op === OP.memoryGrow ? this.sections.memories[memory]!.max : 0)
        return change
      }
      case IMM.memoryMemory: {
        const target = this.memory()
        code.emit(opcode | (target << 8) | (this.memory() << 9), 0)
        return change
      }
      case IMM.dataMemory: {
        const segment = this.segment(starts.data)
        code.emit(opcode | (this.memory() << 8) | (segment << 9), starts.data[segment]!)
        return change
      }
      case IMM.data:
        code.emit(opcode, this.segment(starts.data))
        return change
      case IMM.table: {
        const table = this.table()
        if (op === OP.tableGrow) code.emit(opcode | (table << 8), this.sections.tables[table]!.max)
        else code.emit(opcode, table)
        return change
      }
      case IMM.tableTable: {
        const target = this.table()
        code.emit(opcode | (target << 8) | (this.table() << 12), 0)
        return change
      }
      case IMM.elemTable: {
        const segment = this.segment(starts.elements)
        code.emit(opcode | (this.table() << 8) | (segment << 12), starts.elements[segment]!)
        return change
      }
      case IMM.elem:
        code.emit(opcode, this.segment(starts.elements))
        return change
    }
    throw new Error(`${NAME[op]} is not lowered`)
  }

  /** Reads a table's number. */
  table(): number {
    const index = this.reader.u32()
    if (index >= this.sections.tables.length) this.reader.refuse(`there is no table ${index}`)
    return index
  }

  private memory(): number {
    const index = this.reader.u32()
    if (index >= this.sections.memories.length) this.reader.refuse(`there is no memory ${index}`)
    return index
  }

  private segment(starts: Uint32Array): number {
    const index = this.reader.u32()
    if (index >= starts.length) this.reader.refuse(`there is no segment ${index}`)
    return index
  }
}
