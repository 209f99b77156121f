/**
 * Walks one function's body an instruction at a time and validates it by the algorithm of the specification's
 * appendix (a stack of types that becomes polymorphic after a branch).
 *
 * `next` decodes, `check` types; between the two a pass sees the operands that the instruction will take. No
 * recursion, no object for an instruction: the state lives in arrays that one validator keeps for all bodies.
 * A long file, because the specification's rules by opcode are one switch.
 */
import { referenceType, valueType } from './decodeSections.ts'
import type { BuildLimits } from './limits.ts'
import type { FunctionType, Module } from './module.ts'
import {
  FIRST_OPERAND,
  FUNCREF,
  featureOfOpcode,
  I32,
  IMM,
  IMMEDIATE,
  LAST_OPERAND,
  NAME,
  NATURAL_ALIGN,
  OP,
  OPERAND_COUNT,
  OPERANDS,
  RESULT,
  typeName,
} from './opcodes.ts'
import { Reader } from './reader.ts'

/** The bit of a load's or store's flags that says that a memory's index follows. */
const MEMARG_HAS_MEMORY = 0x40
/** The type of an operand that unreachable code takes from nowhere. */
const ANY = 0
const NONE = new Uint8Array(0)
const SINGLE: Record<number, Uint8Array> = Object.fromEntries(
  [0x7f, 0x7e, 0x7d, 0x7c, 0x70].map((type) => [type, Uint8Array.of(type)]),
)

export class BodyValidator {
  readonly module: Module
  readonly limits: BuildLimits
  readonly reader: Reader

  /** The instruction that `next` read: its opcode, where it starts, and its immediates (a block's: its type or −1). */
  op = 0
  start = 0
  immediate = 0
  immediate2 = 0
  /** The memory that it acts on; of `memory.copy`: the target, and the source. */
  memoryIndex = 0
  sourceMemoryIndex = 0
  /** Of `br_table`: the targets, the default last. */
  targets = new Uint32Array(16)
  targetCount = 0
  /** Of `block`, `loop`, `if`, of `call_indirect` too: its type. */
  blockParams: Uint8Array = NONE
  blockResults: Uint8Array = NONE

  /** The operands: their types, and room for one note on each, which belongs to the pass. */
  types = new Uint8Array(256)
  notes = new Uint8Array(256)
  height = 0
  /** The most operands at once so far. */
  maxHeight = 0

  /** Control frames, the function's own first. */
  depth = 0
  readonly frameOp: Uint8Array
  readonly frameHeight: Uint32Array
  readonly frameDead: Uint8Array
  /** The last `br_table` that checked this frame, by its offset: so that repeated targets cost nothing. */
  private readonly frameSeen: Uint32Array
  private readonly frameParams: Uint8Array[] = []
  private readonly frameResults: Uint8Array[] = []

  /** Types of the parameters and locals. */
  readonly locals: Uint8Array
  localCount = 0
  type: FunctionType = { params: NONE, results: NONE }
  private totalLocals = 0

  constructor(module: Module, limits: BuildLimits) {
    this.module = module
    this.limits = limits
    this.reader = new Reader(module.bytes)
    this.reader.section = 'code'
    this.frameOp = new Uint8Array(limits.nesting + 1)
    this.frameHeight = new Uint32Array(limits.nesting + 1)
    this.frameDead = new Uint8Array(limits.nesting + 1)
    this.frameSeen = new Uint32Array(limits.nesting + 1)
    this.locals = new Uint8Array(limits.locals)
  }

  /** Starts on own function `index` (imports not counted), or once more on the same one: reads its locals. */
  begin(index: number, again = false): void {
    const { module, reader } = this
    this.type = module.types[module.functions[module.importedFunctions + index]!]!
    reader.pos = module.bodies[2 * index]!
    reader.end = module.bodies[2 * index + 1]!
    this.height = 0
    this.maxHeight = 0
    this.depth = 0
    this.declareLocals()
    if (!again) this.countLocals(reader.pos)
    this.pushFrame(OP.block, NONE, this.type.results)
  }

  /** Whether the function's last `end` was checked. */
  get done(): boolean {
    return this.depth === 0
  }

  /** Whether the instruction to come cannot be reached from the start of its block. */
  get dead(): boolean {
    return this.frameDead[this.depth - 1] === 1
  }

  /** Decodes the next instruction. */
  next(): void {
    const { reader } = this
    this.start = reader.pos
    let op = reader.u8()
    if (op >= 0xfc) op = this.prefixed(op)
    this.op = op
    switch (IMMEDIATE[op]) {
      case IMM.none:
        return
      case IMM.refused:
        this.refuseOpcode(op)
        return
      case IMM.blockType:
        this.blockType()
        return
      case IMM.labels:
        this.labels()
        return
      case IMM.label:
      case IMM.func:
      case IMM.local:
      case IMM.global:
      case IMM.table:
      case IMM.data:
      case IMM.elem:
        this.immediate = reader.u32()
        return
      case IMM.typeTable:
      case IMM.elemTable:
      case IMM.tableTable:
        this.immediate = reader.u32()
        this.immediate2 = reader.u32()
        return
      case IMM.memarg:
        this.memoryArgument()
        return
      case IMM.i32:
        this.immediate = reader.s32()
        return
      case IMM.i64:
        reader.skipS64()
        return
      case IMM.f32:
        reader.skip(4)
        return
      case IMM.f64:
        reader.skip(8)
        return
      case IMM.memory:
        this.memoryIndex = this.readMemoryIndex()
        return
      case IMM.memoryMemory:
        this.memoryIndex = this.readMemoryIndex()
        this.sourceMemoryIndex = this.readMemoryIndex()
        return
      case IMM.dataMemory:
        this.immediate = reader.u32()
        this.memoryIndex = this.readMemoryIndex()
        return
      case IMM.types: {
        const count = reader.u32()
        if (count !== 1) this.refuse(`select names ${count} types; it must name one`)
        this.immediate = valueType(reader)
        return
      }
      case IMM.refType:
        this.immediate = referenceType(reader)
    }
  }

  /** Types the instruction that `next` decoded. */
  check(): void {
    const { op } = this
    switch (op) {
      case OP.nop:
        return
      case OP.unreachable:
        this.markDead()
        return
      case OP.if:
        this.pop(I32)
        this.enter()
        return
      case OP.block:
      case OP.loop:
        this.enter()
        return
      case OP.else:
        this.checkElse()
        return
      case OP.end:
        this.checkEnd()
        return
      case OP.br:
        this.popAll(this.labelTypes(this.immediate))
        this.markDead()
        return
      case OP.brIf: {
        this.pop(I32)
        const types = this.labelTypes(this.immediate)
        this.popAll(types)
        this.pushAll(types)
        return
      }
      case OP.brTable:
        this.checkBranchTable()
        return
      case OP.return:
        this.popAll(this.type.results)
        this.markDead()
        return
      case OP.call: {
        const type = this.functionType(this.immediate)
        this.popAll(type.params)
        this.pushAll(type.results)
        return
      }
      case OP.callIndirect: {
        this.table(this.immediate2)
        const type = this.module.types[this.immediate]
        if (!type) this.refuse(`there is no type ${this.immediate}`)
        this.pop(I32)
        this.popAll(type.params)
        this.pushAll(type.results)
        return
      }
      case OP.drop:
        this.popAny()
        return
      case OP.select:
        this.checkSelect()
        return
      case OP.selectTyped:
        this.pop(I32)
        this.pop(this.immediate)
        this.pop(this.immediate)
        this.push(this.immediate)
        return
      case OP.localGet:
        this.push(this.local())
        return
      case OP.localSet:
        this.pop(this.local())
        return
      case OP.localTee:
        this.pop(this.local())
        this.push(this.local())
        return
      case OP.globalGet:
        this.push(this.global().type)
        return
      case OP.globalSet: {
        const global = this.global()
        if (!global.mutable) this.refuse(`global ${this.immediate} cannot be set: it is constant`)
        this.pop(global.type)
        return
      }
      case OP.refFunc:
        this.functionType(this.immediate)
        if (!this.module.declared[this.immediate]) {
          this.refuse(`function ${this.immediate} is not declared as the target of a reference`)
        }
        this.push(FUNCREF)
        return
      default:
        this.checkIndices()
        this.checkFixed()
        return
    }
  }

  refuse(reason: string, offset = this.start): never {
    this.reader.refuse(reason, offset)
  }

  /** The types that a branch to the label takes along. */
  labelTypes(label: number): Uint8Array {
    if (label >= this.depth) this.refuse(`there is no label ${label} here`)
    const frame = this.depth - 1 - label
    return this.frameOp[frame] === OP.loop ? this.frameParams[frame]! : this.frameResults[frame]!
  }

  /** Parameters of the innermost block. */
  get innerParams(): Uint8Array {
    return this.frameParams[this.depth - 1]!
  }

  /** Results of the innermost block. */
  get innerResults(): Uint8Array {
    return this.frameResults[this.depth - 1]!
  }

  functionType(index: number): FunctionType {
    const type = this.module.types[this.module.functions[index] ?? -1]
    if (!type) this.refuse(`there is no function ${index}`)
    return type
  }

  private declareLocals(): void {
    const { reader, limits, locals } = this
    const { params } = this.type
    const start = reader.pos
    this.start = start
    if (params.length > limits.locals) this.tooManyLocals(params.length, start)
    locals.set(params)
    let count = params.length
    const groups = reader.count('groups of locals', 0xffffffff)
    for (let i = 0; i < groups; i++) {
      const more = reader.u32()
      const type = valueType(reader)
      if (count + more > limits.locals) this.tooManyLocals(count + more, start)
      locals.fill(type, count, count + more)
      count += more
    }
    this.localCount = count
  }

  private countLocals(offset: number): void {
    this.totalLocals += this.localCount
    if (this.totalLocals > this.limits.totalLocals) {
      this.refuse(`the functions have more than ${this.limits.totalLocals} locals together`, offset)
    }
  }

  private tooManyLocals(count: number, start: number): never {
    this.refuse(`a function has ${count} or more locals; at most ${this.limits.locals} are allowed`, start)
  }

  /** An opcode behind a prefix byte. */
  private prefixed(prefix: number): number {
    if (prefix !== 0xfc) this.refuseOpcode(prefix)
    const op = this.reader.u32()
    if (op >= 0x12) {
      if (op >= 0x13 && op <= 0x16) this.reader.refuseFeature('wide arithmetic', this.start)
      this.refuse(`unknown instruction 0xfc ${op}`)
    }
    return 0x100 + op
  }

  private refuseOpcode(op: number): never {
    const feature = featureOfOpcode(op)
    if (feature) this.reader.refuseFeature(feature, this.start)
    this.refuse(`unknown instruction 0x${op.toString(16)}`)
  }

  private blockType(): void {
    const { reader } = this
    const at = reader.pos
    const byte = reader.bytes[at]!
    this.immediate = -1
    this.blockParams = NONE
    this.blockResults = NONE
    if (byte === 0x40 && at < reader.end) {
      reader.pos++
      return
    }
    if (byte >= 0x40 && byte < 0x80) {
      this.blockResults = SINGLE[valueType(reader)]!
      return
    }
    const index = reader.s33()
    const type = this.module.types[index]
    if (!type) this.refuse(`there is no type ${index} for this block`)
    this.immediate = index
    this.blockParams = type.params
    this.blockResults = type.results
  }

  private labels(): void {
    const { reader } = this
    const count = reader.count('branch targets', this.limits.branchTargets) + 1
    if (count > this.targets.length) this.targets = new Uint32Array(Math.max(count, this.targets.length * 2))
    for (let i = 0; i < count; i++) this.targets[i] = reader.u32()
    this.targetCount = count
  }

  private readMemoryIndex(): number {
    const index = this.reader.u8()
    if (index >= this.limits.memories) this.reader.refuseFeature('multiple memories', this.start)
    return index
  }

  /** Alignment, a memory's index where a bit says so, and the offset. */
  private memoryArgument(): void {
    const { reader } = this
    const flags = reader.u32()
    const isIndexed = (flags & MEMARG_HAS_MEMORY) !== 0 && flags < 2 * MEMARG_HAS_MEMORY
    if (isIndexed && this.limits.memories === 1) reader.refuseFeature('multiple memories', this.start)
    this.immediate = isIndexed ? flags ^ MEMARG_HAS_MEMORY : flags
    this.memoryIndex = isIndexed ? this.readMemoryIndex() : 0
    this.immediate2 = reader.u32()
  }

  private checkIndices(): void {
    const { op, module } = this
    switch (IMMEDIATE[op]) {
      case IMM.memarg:
        if (this.immediate > NATURAL_ALIGN[op]!) {
          this.refuse(`${NAME[op]} is aligned to 2^${this.immediate}, more than its size`)
        }
        this.memory()
        return
      case IMM.memory:
      case IMM.memoryMemory:
        this.memory()
        return
      case IMM.dataMemory:
        this.memory()
        this.dataSegment()
        return
      case IMM.data:
        this.dataSegment()
        return
      case IMM.table:
        this.table(this.immediate)
        return
      case IMM.tableTable:
        this.table(this.immediate)
        this.table(this.immediate2)
        return
      case IMM.elemTable:
        this.table(this.immediate2)
        if (this.immediate >= module.elements.length)
          this.refuse(`there is no element segment ${this.immediate}`)
        return
      case IMM.elem:
        if (this.immediate >= module.elements.length)
          this.refuse(`there is no element segment ${this.immediate}`)
    }
  }

  private checkFixed(): void {
    const { op } = this
    const count = OPERAND_COUNT[op]!
    if (count === 3) {
      for (let i = 2; i >= 0; i--) this.pop(OPERANDS[op]![i]!)
    } else if (count > 0) {
      this.pop(LAST_OPERAND[op]!)
      if (count === 2) this.pop(FIRST_OPERAND[op]!)
    }
    const result = RESULT[op]!
    if (result !== 0) this.push(result)
  }

  private memory(): void {
    const { length } = this.module.memories
    if (length === 0) this.refuse(`${NAME[this.op]} needs a memory and there is none`)
    if (this.memoryIndex >= length) this.refuse(`there is no memory ${this.memoryIndex}`)
  }

  private table(index: number): void {
    if (index >= this.module.tables.length) this.refuse(`there is no table ${index}`)
  }

  private dataSegment(): void {
    const { dataCount } = this.module
    if (dataCount === null) this.refuse(`${NAME[this.op]} needs a data count section and there is none`)
    if (this.immediate >= dataCount) this.refuse(`there is no data segment ${this.immediate}`)
  }

  private local(): number {
    if (this.immediate >= this.localCount) this.refuse(`there is no local ${this.immediate}`)
    return this.locals[this.immediate]!
  }

  private global() {
    const global = this.module.globals[this.immediate]
    if (!global) this.refuse(`there is no global ${this.immediate}`)
    return global
  }

  private checkSelect(): void {
    this.pop(I32)
    const second = this.popAny()
    const first = this.popAny()
    if (first === FUNCREF || second === FUNCREF) this.refuse('select without a type takes no references')
    if (first !== second && first !== ANY && second !== ANY) this.mismatch(first, second)
    this.push(first === ANY ? second : first)
  }

  private enter(): void {
    const params = this.blockParams
    this.popAll(params)
    this.pushFrame(this.op, params, this.blockResults)
    this.pushAll(params)
  }

  private checkElse(): void {
    const frame = this.depth - 1
    if (this.frameOp[frame] !== OP.if) this.refuse('else without if')
    this.leave(frame)
    this.frameOp[frame] = OP.else
    this.frameDead[frame] = 0
    this.pushAll(this.frameParams[frame]!)
  }

  private checkEnd(): void {
    const frame = this.depth - 1
    const results = this.frameResults[frame]!
    if (this.frameOp[frame] === OP.if) {
      const params = this.frameParams[frame]!
      if (params.length !== results.length || params.some((type, i) => type !== results[i])) {
        this.refuse('an if without else must give what it takes')
      }
    }
    this.leave(frame)
    this.depth = frame
    if (frame > 0) this.pushAll(results)
    else if (this.reader.pos !== this.reader.end) this.refuse('code follows the end of the function')
  }

  /** At the end of a block its results are on the stack and nothing else. */
  private leave(frame: number): void {
    this.popAll(this.frameResults[frame]!)
    if (this.height !== this.frameHeight[frame])
      this.refuse('values are left on the stack at the end of a block')
  }

  private checkBranchTable(): void {
    this.pop(I32)
    const last = this.targetCount - 1
    const types = this.labelTypes(this.targets[last]!)
    for (let i = 0; i < last; i++) {
      const label = this.targets[i]!
      const other = this.labelTypes(label)
      const frame = this.depth - 1 - label
      if (this.frameSeen[frame] === this.start) continue
      this.frameSeen[frame] = this.start
      if (other.length !== types.length) this.refuse('targets of br_table take different numbers of values')
      this.checkTop(other)
    }
    this.popAll(types)
    this.markDead()
  }

  /** The operands on top have these types. They stay, unknown ones too. */
  private checkTop(types: Uint8Array): void {
    const base = this.frameHeight[this.depth - 1]!
    for (let i = types.length - 1, at = this.height - 1; i >= 0; i--, at--) {
      if (at < base) {
        if (!this.dead) this.underflow()
        return
      }
      const actual = this.types[at]!
      if (actual !== types[i] && actual !== ANY) this.mismatch(types[i]!, actual)
    }
  }

  private pushFrame(op: number, params: Uint8Array, results: Uint8Array): void {
    const { depth } = this
    if (depth > this.limits.nesting) {
      this.refuse(`blocks are nested more than ${this.limits.nesting} deep`)
    }
    this.frameOp[depth] = op
    this.frameHeight[depth] = this.height
    this.frameDead[depth] = 0
    this.frameSeen[depth] = 0
    this.frameParams[depth] = params
    this.frameResults[depth] = results
    this.depth = depth + 1
  }

  private markDead(): void {
    this.height = this.frameHeight[this.depth - 1]!
    this.frameDead[this.depth - 1] = 1
  }

  private push(type: number): void {
    const { height } = this
    if (height === this.types.length) this.growOperands()
    this.types[height] = type
    this.height = height + 1
    if (height >= this.maxHeight) this.maxHeight = height + 1
  }

  private growOperands(): void {
    if (this.height >= this.limits.frameSlots) {
      this.refuse(`more than ${this.limits.frameSlots} operands are on the stack at once`)
    }
    const types = new Uint8Array(this.types.length * 2)
    types.set(this.types)
    this.types = types
    const notes = new Uint8Array(this.notes.length * 2)
    notes.set(this.notes)
    this.notes = notes
  }

  private pop(expected: number): void {
    const top = this.height - 1
    if (top < this.frameHeight[this.depth - 1]!) {
      if (!this.dead) this.underflow()
      return
    }
    this.height = top
    const actual = this.types[top]!
    if (actual !== expected && actual !== ANY) this.mismatch(expected, actual)
  }

  private popAny(): number {
    const top = this.height - 1
    if (top < this.frameHeight[this.depth - 1]!) {
      if (!this.dead) this.underflow()
      return ANY
    }
    this.height = top
    return this.types[top]!
  }

  private popAll(types: Uint8Array): void {
    for (let i = types.length - 1; i >= 0; i--) this.pop(types[i]!)
  }

  private pushAll(types: Uint8Array): void {
    for (let i = 0; i < types.length; i++) this.push(types[i]!)
  }

  private underflow(): never {
    this.refuse(`${NAME[this.op]} takes more operands than there are`)
  }

  private mismatch(expected: number, actual: number): never {
    this.refuse(`${NAME[this.op]} needs ${typeName(expected)} and gets ${typeName(actual)}`)
  }
}
