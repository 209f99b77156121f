/**
 * Instructions of more than one step: how many it will be is known before they run. One that would trap, or not write
 * all of its output, is never run: it says that it takes longer than any program, and the interpreter gets to it.
 */
import type { Lowered } from '../lower/lowered.ts'
import type { BodyValidator } from '../wasm/bodyValidator.ts'
import type { Module } from '../wasm/module.ts'
import { FUNCREF, I32, I64, OP, OPERAND_COUNT } from '../wasm/opcodes.ts'
import type { Writer } from '../wasm/writer.ts'
import type { Additions } from './additions.ts'

const EMPTY = 0x40
/** The most that an i64 can be, which no steps left can come up to. */
const NEVER = [...new Array(9).fill(0xff), 0x00]
const LEAF_BYTES_LOG2 = 5
const LONG = new Set<number>([
  ...[OP.memoryInit, OP.memoryCopy, OP.memoryFill],
  ...[OP.tableInit, OP.tableCopy, OP.tableFill, OP.tableGrow],
])
const LIBRARY_MEMORY = 1

type Write = () => void

export class LongInstructions {
  readonly inputLength: number
  readonly outputLength: number
  readonly outputMax: number
  /** Segments that can be dropped; of each a global says whether it was. */
  readonly droppedData = new Set<number>()
  readonly droppedElements = new Set<number>()
  /** Whether tables are changed. */
  changesTables = false
  private readonly module: Module
  private readonly lowered: Lowered
  private readonly additions: Additions

  constructor(module: Module, lowered: Lowered, additions: Additions) {
    this.module = module
    this.lowered = lowered
    this.additions = additions
    this.inputLength = additions.global('inputLength', I32)
    this.outputLength = additions.global('outputLength', I64)
    this.outputMax = additions.global('outputMax', I64)
  }

  takes({ op }: BodyValidator): boolean {
    return LONG.has(op)
  }

  operandCount(walk: BodyValidator): number {
    return walk.op === OP.call ? walk.functionType(walk.immediate).params.length : OPERAND_COUNT[walk.op]!
  }

  writeInputLength(code: Writer): void {
    code.u8(OP.globalGet)
    code.u32(this.inputLength)
  }

  /** Takes the operands and leaves how many steps the instruction will be. */
  writeSteps(code: Writer, walk: BodyValidator): void {
    this.additions.writeCall(code, this.stepsFunction(walk))
  }

  /** The instruction itself, or what stands for it. */
  writeInstruction(code: Writer, walk: BodyValidator): void {
    const { op, reader, start } = walk
    if (op === OP.call) {
      const name = this.isInput(walk) ? 'input_read' : 'output_write'
      this.additions.writeCall(code, this.additions.imported(name))
    } else if (op === OP.memoryInit || op === OP.tableInit) {
      // Segments belong to an instance, so all of a program's have to use one's.
      const copied = reader.bytes.subarray(start, reader.pos)
      const index = this.additions.written(`at ${start}`, [I32, I32, I32], [], [], (body) => {
        body.put(OP.localGet, 0, OP.localGet, 1, OP.localGet, 2)
        body.copy(copied, 0, copied.length)
      })
      this.additions.writeCall(code, index)
    } else code.copy(reader.bytes, start, reader.pos)
  }

  /** Instead of `data.drop` and `elem.drop`: a segment is marked, and kept. */
  writeDrop(code: Writer, op: number, segment: number): void {
    const known = op === OP.dataDrop ? this.droppedData : this.droppedElements
    const global = this.additions.global(`dropped ${op} ${segment}`, I32)
    known.add(segment)
    code.put(OP.i32Const, 1, OP.globalSet)
    code.u32(global)
  }

  private isInput({ immediate }: BodyValidator): boolean {
    return this.module.imports[immediate]!.name === 'input_read'
  }

  private stepsFunction(walk: BodyValidator): number {
    const { op, memoryIndex, sourceMemoryIndex, immediate } = walk
    switch (op) {
      case OP.call:
        return this.isInput(walk) ? this.inputSteps() : this.outputSteps()
      case OP.memoryFill:
        return this.fillSteps(memoryIndex)
      case OP.memoryCopy:
        return this.make(`copy ${memoryIndex} ${sourceMemoryIndex}`, [I32, I32, I32], (code) =>
          this.copySteps(code, memoryIndex, () => this.memorySize(code, sourceMemoryIndex)),
        )
      case OP.memoryInit:
        return this.make(`init ${memoryIndex} ${immediate}`, [I32, I32, I32], (code) =>
          this.copySteps(code, memoryIndex, () => this.segmentSize(code, OP.dataDrop, immediate)),
        )
      case OP.tableGrow:
        this.changesTables = true
        return this.growSteps(immediate)
      case OP.tableInit:
        this.changesTables = true
        return this.make(`table init ${immediate}`, [I32, I32, I32], (code) => {
          this.neverBeyond(code, 1, 2, () => this.segmentSize(code, OP.elemDrop, immediate))
          code.put(OP.localGet, 2, OP.i64ExtendI32U, OP.i64Const, 1, OP.i64Add)
        })
      default:
        this.changesTables = true
        return this.elementSteps(op === OP.tableFill ? FUNCREF : I32)
    }
  }

  private fillSteps(memory: number): number {
    return this.make(`fill ${memory}`, [I32, I32, I32], (code) => {
      this.neverBeyond(code, 0, 2, () => this.memorySize(code, memory))
      this.oneStepForNothing(code, 2)
      code.put(OP.i64Const, 2)
      this.addBorders(code, 2, () => code.put(OP.localGet, 0, OP.i64ExtendI32U))
    })
  }

  private copySteps(code: Writer, memory: number, sourceSize: Write): void {
    this.neverBeyond(code, 0, 2, () => this.memorySize(code, memory))
    this.neverBeyond(code, 1, 2, sourceSize)
    this.oneStepForNothing(code, 2)
    const [to, from] = [0, 1].map((local) => () => code.put(OP.localGet, local, OP.i64ExtendI32U))
    this.chunksAndOne(code, 2, to!, from!)
  }

  private inputSteps(): number {
    return this.make('input', [I32, I32, I32], (code) =>
      this.copySteps(code, LIBRARY_MEMORY, () => {
        this.writeInputLength(code)
        code.u8(OP.i64ExtendI32U)
      }),
    )
  }

  private outputSteps(): number {
    return this.make('output', [I32, I32], (code) => {
      const global = (index: number) => {
        code.u8(OP.globalGet)
        code.u32(index)
      }
      this.neverBeyond(code, 0, 1, () => this.memorySize(code, LIBRARY_MEMORY))
      this.oneStepForNothing(code, 1)
      global(this.outputLength)
      code.put(OP.localGet, 1, OP.i64ExtendI32U, OP.i64Add)
      global(this.outputMax)
      this.neverIfGreater(code)
      const from = () => code.put(OP.localGet, 0, OP.i64ExtendI32U)
      this.chunksAndOne(code, 1, from, () => global(this.outputLength))
    })
  }

  /** −1 takes one step; each element takes one, and the end one more. */
  private growSteps(table: number): number {
    const most = this.module.tables[table]!.max!
    return this.make(`grow ${table}`, [FUNCREF, I32], (code) => {
      code.put(0xfc, OP.tableSize & 0xff)
      code.u32(table)
      code.put(OP.i64ExtendI32U, OP.localGet, 1, OP.i64ExtendI32U, OP.i64Add, OP.i64Const)
      code.signed(most)
      code.put(OP.i64GtU, OP.if, EMPTY, OP.i64Const, 1, OP.return, OP.end)
      code.put(OP.localGet, 1, OP.i64ExtendI32U, OP.i64Const, 1, OP.i64Add)
    })
  }

  private elementSteps(second: number): number {
    return this.make(`elements ${second}`, [I32, second, I32], (code) => {
      code.put(OP.localGet, 2, OP.i64ExtendI32U, OP.i64Const, 1, OP.i64Add)
    })
  }

  /** One step for each stretch within a leaf of both sides, and one more. */
  private chunksAndOne(code: Writer, bytes: number, one: Write, other: Write): void {
    code.put(OP.i64Const, 2)
    this.addBorders(code, bytes, one)
    // Borders that are both sides' at once count once.
    one()
    other()
    code.put(OP.i64Xor, OP.i64Const, 31, OP.i64And, OP.i64Eqz, OP.if, I64, OP.i64Const, 0, OP.else)
    code.put(OP.i64Const, 0)
    this.addBorders(code, bytes, other)
    code.put(OP.end, OP.i64Add)
  }

  /** Adds how many borders of leaves lie within so many bytes from an address on: (address mod 32 + bytes − 1) / 32. */
  private addBorders(code: Writer, bytes: number, address: Write): void {
    address()
    code.put(OP.i64Const, 31, OP.i64And, OP.localGet, bytes, OP.i64ExtendI32U, OP.i64Add)
    code.put(OP.i64Const, 1, OP.i64Sub, OP.i64Const, LEAF_BYTES_LOG2, OP.i64ShrU, OP.i64Add)
  }

  private neverBeyond(code: Writer, address: number, bytes: number, size: Write): void {
    code.put(OP.localGet, address, OP.i64ExtendI32U, OP.localGet, bytes, OP.i64ExtendI32U, OP.i64Add)
    size()
    this.neverIfGreater(code)
  }

  private neverIfGreater(code: Writer): void {
    code.put(OP.i64GtU, OP.if, EMPTY, OP.i64Const, ...NEVER, OP.return, OP.end)
  }

  private oneStepForNothing(code: Writer, bytes: number): void {
    code.put(OP.localGet, bytes, OP.i32Eqz, OP.if, EMPTY, OP.i64Const, 1, OP.return, OP.end)
  }

  private memorySize(code: Writer, memory: number): void {
    code.put(OP.memorySize, memory, OP.i64ExtendI32U, OP.i64Const, 16, OP.i64Shl)
  }

  private segmentSize(code: Writer, drop: number, segment: number): void {
    const { dataLengths, elementLengths } = this.lowered
    const length = (drop === OP.dataDrop ? dataLengths : elementLengths)[segment]!
    code.put(OP.i64Const, 0, OP.i64Const)
    code.signed(Number(length))
    code.u8(OP.globalGet)
    code.u32(this.additions.global(`dropped ${drop} ${segment}`, I32))
    code.u8(OP.select)
  }

  private make(name: string, params: number[], write: (code: Writer) => void): number {
    return this.additions.written(`steps of ${name}`, params, [I64], [], write)
  }
}
