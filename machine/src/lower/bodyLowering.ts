/**
 * Lowers one function's body after another, an instruction at a time (`docs/MACHINE.md`, Lowering).
 *
 * What is known of operands is how many there are: the code was validated when the pass wrote it. No object for an
 * instruction; blocks live in arrays that all bodies share, and what cannot be reached is passed over.
 */
import { OPCODE } from '../isa/opcode.gen.ts'
import { OP } from '../wasm/opcodes.ts'
import type { CodeWriter } from './codeWriter.ts'
import { passOverDead, passOverImmediates, readOpcode } from './passOver.ts'
import { PlainInstructions, type SegmentStarts } from './plainInstructions.ts'
import type { ProgramReader } from './programReader.ts'
import type { Sections } from './sections.ts'

const EMPTY_BLOCK = 0x40
/** Slots of the machine's stack, which no frame can pass. */
const MOST_LOCALS = 2 ** 21

export class BodyLowering {
  readonly code: CodeWriter
  /** By function: where it begins, 0 if that is not known yet. */
  readonly functions: Uint32Array
  private readonly reader: ProgramReader
  private readonly sections: Sections
  private readonly plain: PlainInstructions
  /** By function that has no place yet: the last call of it, or reference to it. */
  private readonly openCalls: Uint32Array

  /** Of the function: parameters, results, locals beside the parameters. */
  private params = 0
  private results = 0
  private locals = 0
  private height = 0
  /** Whether the instruction to come can be reached. */
  private live = true

  /** Blocks, the function's own first: which instruction, operands below it, values it takes and gives. */
  private depth = 0
  private kind = new Uint8Array(64)
  private base = new Uint32Array(64)
  private takes = new Uint32Array(64)
  private gives = new Uint32Array(64)
  /** Where a loop begins; of an `if`, the jump over it, until its `else`. */
  private start = new Uint32Array(64)
  /** The last jump to its end. */
  private open = new Uint32Array(64)
  /** Of the `br_table` at hand: the last entry that needs the block's stub, and the blocks with one, in order. */
  private openStub = new Uint32Array(64)
  private stubs = new Uint32Array(64)
  private targets = new Uint32Array(64)

  constructor(reader: ProgramReader, sections: Sections, starts: SegmentStarts, code: CodeWriter) {
    this.reader = reader
    this.sections = sections
    this.plain = new PlainInstructions(reader, sections, starts, code)
    this.code = code
    this.functions = new Uint32Array(sections.functionTypes.length)
    this.openCalls = new Uint32Array(sections.functionTypes.length)
  }

  /** Lowers the body of a function; the reader stands at its size. */
  lower(index: number): void {
    const { reader, sections, code } = this
    const size = reader.u32()
    const [start, sectionEnd] = [reader.pos, reader.end]
    reader.skip(size)
    reader.end = reader.pos
    reader.pos = start
    code.origin = start
    const type = sections.functionTypes[index]!
    this.params = sections.paramCounts[type]!
    this.results = sections.resultCounts[type]!
    this.functions[index] = code.pc
    code.closeFunction(this.openCalls[index]!, sections.firstEqual[type]!)
    this.locals = this.countLocals()
    if (this.locals > 0) code.emit(OPCODE.enter, this.locals)
    this.height = 0
    this.depth = 0
    this.live = true
    this.push(OP.block, 0, this.results, 0)
    while (this.depth > 0) {
      if (!this.live) passOverDead(reader)
      this.instruction()
    }
    if (reader.pos !== reader.end) this.refuse('code follows the end of the function')
    reader.end = sectionEnd
  }

  /** A call of a function, from wherever the code is. */
  call(index: number): void {
    const { sections, code } = this
    const type = sections.functionTypes[index]
    if (type === undefined) this.refuse(`there is no function ${index}`)
    const primitive = sections.primitives[index]
    const params = sections.paramCounts[type]!
    if (primitive !== undefined) code.emit(primitive, 0)
    else {
      const place = this.functions[index]!
      code.emit(OPCODE.call | (params << 8), place === 0 ? this.openCalls[index]! : place)
      if (place === 0) this.openCalls[index] = code.pc - 1
    }
    this.height += sections.resultCounts[type]! - params
  }

  /** The type of a function that a reference can name. */
  referenceType(index: number): number {
    const { sections } = this
    const type = sections.functionTypes[index]
    if (type === undefined) this.refuse(`there is no function ${index}`)
    if (index < sections.primitives.length)
      this.refuse(`it refers to the primitive ${index}, which only calls can name`)
    return sections.firstEqual[type]!
  }

  private instruction(): void {
    const { reader, code } = this
    code.origin = reader.pos
    const op = readOpcode(reader)
    switch (op) {
      case OP.localGet:
        code.emit(OPCODE['local.get'], this.local())
        this.height++
        return
      case OP.localSet:
        code.emit(OPCODE['local.set'], this.local())
        this.height--
        return
      case OP.localTee:
        code.emit(OPCODE['local.tee'], this.local())
        return
      case OP.i32Const: {
        code.emitConst(reader.s32(), 0)
        this.height++
        return
      }
      case OP.i64Const:
        reader.s64()
        this.constant(reader.low, reader.high)
        return
      case OP.f32Const:
        code.emitConst(reader.word(), 0)
        this.height++
        return
      case OP.f64Const: {
        const low = reader.word()
        this.constant(low, reader.word())
        return
      }
      case OP.nop:
        return
      case OP.unreachable:
        code.emit(OPCODE.unreachable, 0)
        this.live = false
        return
      case OP.block:
      case OP.loop:
      case OP.if:
        this.block(op)
        return
      case OP.else:
        this.else()
        return
      case OP.end:
        this.end()
        return
      case OP.br:
        this.branch(this.label(reader.u32()))
        this.live = false
        return
      case OP.brIf:
        this.branchIf(this.label(reader.u32()))
        return
      case OP.brTable:
        this.branchTable()
        return
      case OP.return:
        this.return()
        this.live = false
        return
      case OP.call:
        this.call(reader.u32())
        return
      case OP.callIndirect:
        this.callIndirect()
        return
      case OP.globalGet:
      case OP.globalSet:
        this.global(op)
        return
      case OP.selectTyped:
        passOverImmediates(reader, op, code.origin)
        code.emit(OPCODE.select, 0)
        this.height -= 2
        return
      case OP.select:
        code.emit(OPCODE.select, 0)
        this.height -= 2
        return
      case OP.drop:
        code.emit(OPCODE.drop, 0)
        this.height--
        return
      case OP.refNull:
        reader.u8()
        code.emitConst(0, 0)
        this.height++
        return
      case OP.refFunc:
        this.reference(reader.u32())
        return
      case OP.refIsNull:
        code.emit(OPCODE['i64.eqz'], 0)
        return
      default:
        this.height += this.plain.write(op)
    }
  }

  private block(op: number): void {
    const { reader, sections, code } = this
    let takes = 0
    let gives = 0
    const byte = reader.bytes[reader.pos]!
    if (byte >= 0x40 && byte < 0x80) {
      reader.u8()
      gives = byte === EMPTY_BLOCK ? 0 : 1
    } else {
      const type = reader.s33()
      if (!(type >= 0 && type < sections.paramCounts.length))
        this.refuse(`there is no type ${type} for a block`)
      takes = sections.paramCounts[type]!
      gives = sections.resultCounts[type]!
    }
    const start = code.pc
    if (op === OP.if) {
      this.height--
      code.emit(OPCODE.br_unless, 0)
    }
    this.push(op, takes, gives, start)
  }

  private else(): void {
    const { code } = this
    const block = this.depth - 1
    if (this.kind[block] !== OP.if || this.start[block] === 0) this.refuse('else without if')
    this.checkHeight(block)
    if (this.live) this.jump(OPCODE.br, block)
    code.setHigh(this.start[block]!, code.pc)
    this.start[block] = 0
    this.height = this.base[block]! + this.takes[block]!
    this.live = true
  }

  private end(): void {
    const { code } = this
    const block = this.depth - 1
    this.checkHeight(block)
    if (this.kind[block] === OP.if && this.start[block] !== 0) {
      code.setHigh(this.start[block]!, code.pc)
      this.live = true
    }
    if (this.open[block] !== 0) {
      code.close(this.open[block]!)
      this.live = true
    }
    this.height = this.base[block]! + this.gives[block]!
    this.depth = block
    if (block === 0 && this.live) this.return()
  }

  /** The lowered `br` to a block. */
  private branch(block: number): void {
    if (block === 0) {
      this.return()
      return
    }
    const values = this.arity(block)
    const excess = this.excess(block)
    if (excess > 0) this.code.emit(OPCODE.slide | (values << 8), excess)
    this.jump(OPCODE.br, block)
  }

  private branchIf(block: number): void {
    const { code } = this
    this.height--
    if (this.isPlain(block)) {
      this.jump(OPCODE.br_if, block)
      return
    }
    const over = code.pc
    code.emit(OPCODE.br_unless, 0)
    this.branch(block)
    code.setHigh(over, code.pc)
  }

  private branchTable(): void {
    const { reader, code, stubs, openStub } = this
    this.height--
    const count = reader.count('branch targets', 0xffffffff) + 1
    if (count > this.targets.length) this.targets = new Uint32Array(2 * count)
    const { targets } = this
    for (let i = 0; i < count; i++) targets[i] = this.label(reader.u32())
    code.emit(OPCODE.br_table, count - 1)
    let stubCount = 0
    for (let i = 0; i < count; i++) {
      const block = targets[i]!
      if (this.isPlain(block)) {
        this.jump(OPCODE.br, block)
        continue
      }
      if (openStub[block] === 0) stubs[stubCount++] = block
      code.emit(OPCODE.br, openStub[block]!)
      openStub[block] = code.pc - 1
    }
    for (let i = 0; i < stubCount; i++) {
      const block = stubs[i]!
      code.close(openStub[block]!)
      openStub[block] = 0
      this.branch(block)
    }
    this.live = false
  }

  /** Whether a branch to a block is one jump: nothing is to be slid, or there is a return at the body's end for it. */
  private isPlain(block: number): boolean {
    return block === 0 ? this.results <= 1 : this.excess(block) === 0
  }

  /** Values that a branch to a block takes along. */
  private arity(block: number): number {
    return this.kind[block] === OP.loop ? this.takes[block]! : this.gives[block]!
  }

  /** Slots below those that a branch to the block leaves behind. */
  private excess(block: number): number {
    const excess = this.height - this.base[block]! - this.arity(block)
    if (excess < 0) this.tooFew()
    return excess
  }

  /** A jump to a block: where it goes is known if it is a loop. */
  private jump(opcode: number, block: number): void {
    const { code } = this
    if (this.kind[block] === OP.loop) {
      code.emit(opcode, this.start[block]!)
      return
    }
    code.emit(opcode, this.open[block]!)
    this.open[block] = code.pc - 1
  }

  private return(): void {
    const { code, params, results } = this
    if (this.height < results) this.tooFew()
    if (results === 0) code.emit(OPCODE.return, params)
    else if (results === 1) code.emit(OPCODE.return_one, params)
    else {
      code.emit(OPCODE['local.get'], params)
      code.emit(OPCODE.slide | ((results + 1) << 8), params + 1 + this.locals + this.height - results)
      code.emit(OPCODE.return_link, 0)
    }
  }

  private callIndirect(): void {
    const { reader, sections, code } = this
    const type = reader.u32()
    const firstEqual = sections.firstEqual[type]
    if (firstEqual === undefined) this.refuse(`there is no type ${type}`)
    const params = sections.paramCounts[type]!
    code.emit(OPCODE.call_indirect | (params << 8), (this.plain.table() << 24) | firstEqual)
    this.height += sections.resultCounts[type]! - params - 1
  }

  private reference(index: number): void {
    const { code } = this
    const type = this.referenceType(index)
    const place = this.functions[index]!
    if (place !== 0) code.emitConst(place, type)
    else {
      code.emit(OPCODE.const, this.openCalls[index]!)
      this.openCalls[index] = code.pc - 1
    }
    this.height++
  }

  private global(op: number): void {
    const { reader, sections, code } = this
    const index = reader.u32()
    if (index >= sections.globalCount) this.refuse(`there is no global ${index}`)
    const gets = op === OP.globalGet
    const register = sections.registers.indexOf(index)
    if (register >= 0) code.emit(gets ? OPCODE['register.get'] : OPCODE['register.set'], register)
    else code.emit(op, index)
    this.height += gets ? 1 : -1
  }

  /** Pushes 64 bits. */
  private constant(low: number, high: number): void {
    const { code } = this
    this.height++
    // Whether bits 55 to 63 are equal.
    if ((high << 8) >> 8 === high) {
      code.emitConst(low, high)
      return
    }
    code.emit(OPCODE['const.high'] | (low & 0xffffff00), high)
    if ((low & 0xff) !== 0) code.emit(OPCODE['const.low'], low & 0xff)
  }

  private countLocals(): number {
    const { reader } = this
    const groups = reader.count('groups of locals', 0xffffffff)
    let count = 0
    for (let i = 0; i < groups; i++) {
      count += reader.u32()
      reader.u8()
    }
    if (count > MOST_LOCALS)
      this.refuse(`a function has ${count} locals; the machine's stack has ${MOST_LOCALS} slots`)
    return count
  }

  /** Distance of a local from fp: behind the parameters stands the link. */
  private local(): number {
    const index = this.reader.u32()
    if (index < this.params) return index
    if (index >= this.params + this.locals) this.refuse(`there is no local ${index}`)
    return index + 1
  }

  /** The block that a label names, counted from the innermost. */
  private label(label: number): number {
    if (label >= this.depth) this.refuse(`there is no label ${label} here`)
    return this.depth - 1 - label
  }

  private push(op: number, takes: number, gives: number, start: number): void {
    const block = this.depth++
    if (block === this.kind.length) this.growBlocks()
    if (this.height < takes) this.tooFew()
    this.kind[block] = op
    this.base[block] = this.height - takes
    this.takes[block] = takes
    this.gives[block] = gives
    this.start[block] = start
    this.open[block] = 0
  }

  private growBlocks(): void {
    const more = <T extends Uint8Array | Uint32Array>(array: T): T => {
      const larger = new (array.constructor as new (length: number) => T)(2 * array.length)
      larger.set(array)
      return larger
    }
    this.kind = more(this.kind)
    this.base = more(this.base)
    this.takes = more(this.takes)
    this.gives = more(this.gives)
    this.start = more(this.start)
    this.open = more(this.open)
    this.openStub = more(this.openStub)
    this.stubs = more(this.stubs)
  }

  /** At the end of a block its results are there and nothing else. */
  private checkHeight(block: number): void {
    if (this.live && this.height !== this.base[block]! + this.gives[block]!) this.tooFew()
  }

  private tooFew(): never {
    this.refuse('the operands do not fit the blocks: the code is not valid')
  }

  private refuse(reason: string): never {
    this.reader.refuse(reason, this.code.origin)
  }
}
