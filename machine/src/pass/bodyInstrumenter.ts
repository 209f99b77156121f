/**
 * Validates a function's body and writes its canonical form, in one walk.
 *
 * Each basic block starts with its charge and a branch to `$fuel`, a label around the body that `writeFrame`
 * puts there; `return` becomes a branch to the body's own label, so that there is one way out.
 *
 * Code that cannot be reached is validated and left out. What is kept is copied from the module in stretches.
 */
import { BodyValidator } from '../wasm/bodyValidator.ts'
import type { BuildLimits } from '../wasm/limits.ts'
import type { Module } from '../wasm/module.ts'
import { F32, F64, I32, I64, IMM, IMMEDIATE, OP, RESULT } from '../wasm/opcodes.ts'
import { Writer } from '../wasm/writer.ts'
import { BODY_BYTES_PER_SLOT_LOG2, FRAME_SLOTS } from './abi.ts'
import { writeFrame } from './frame.ts'
import { chargeBytes, chargeElements, memoryGrow, tableGrow } from './helpers.ts'
import type { Layout } from './layout.ts'
import type { Indices } from './linkage.ts'
import { constantNote, NOTE, RESULT_NOTE, SEES } from './notes.ts'
import { branchWeight, callWeight, LOCALS_PER_UNIT_LOG2, WEIGHT } from './weights.ts'

/** A function that calls nothing and takes no more slots than this goes without a guard: it cannot recurse. */
const LEAF_SLOTS = 256

/** How often a body is gone over with fewer locals taken for raw before none is. */
const RAW_ATTEMPTS = 4

/** The bit of a memory argument's alignment behind which the number of a memory stands. */
const MEMARG_HAS_MEMORY = 0x40

const CANONICAL_F32 = [OP.f32Const, 0x00, 0x00, 0xc0, 0x7f]
const CANONICAL_F64 = [OP.f64Const, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf8, 0x7f]

export class BodyInstrumenter {
  private readonly walk: BodyValidator
  private readonly bytes: Uint8Array
  private readonly module: Module
  private readonly layout: Layout
  private readonly indices: Indices
  private readonly limits: BuildLimits

  /** The basic block being read, and the body up to it. */
  private readonly segment = new Writer(4096)
  private readonly body = new Writer(65_536)
  private readonly whole = new Writer(65_536)
  private charge = 0
  /** The label of $fuel at the start of the basic block. */
  private fuelLabel = 0
  /** The module's bytes before this are in `segment` or left out. */
  private copied = 0
  /** By control frame: whether some reachable branch leads to its label. */
  private readonly targeted: Uint8Array
  /** While code is unreachable: the depth of the frame whose `else` or `end` is reached again. Otherwise 0. */
  private deadDepth = 0
  private calls = false
  /** The most parameters and results of one call. */
  private callValues = 0

  /** By local: 1 if its bits are as the program made them, 0 if a NaN in it may be raw. */
  private readonly exactLocals: Uint8Array
  private disproved = false

  /** Types of the locals that the pass adds, and those of each type by number of use. */
  private readonly added: number[] = []
  private readonly scratch: Record<number, number[]> = { [I32]: [], [I64]: [], [F32]: [], [F64]: [] }

  /** Functions that `ref.func` names though only an export declared them. */
  readonly undeclared = new Set<number>()

  constructor(module: Module, limits: BuildLimits, layout: Layout, indices: Indices) {
    this.module = module
    this.bytes = module.bytes
    this.layout = layout
    this.indices = indices
    this.limits = limits
    this.walk = new BodyValidator(module, limits)
    this.targeted = new Uint8Array(limits.nesting + 1)
    this.exactLocals = new Uint8Array(limits.locals)
  }

  /** Appends own function `index` to the code section: its size and its body. */
  write(index: number, out: Writer): void {
    const { walk } = this
    walk.begin(index)
    this.supposeRawLocals()
    const start = walk.reader.pos
    for (let attempt = 1; !this.walkBody(start); attempt++) {
      if (attempt === RAW_ATTEMPTS) this.exactLocals.fill(1, 0, walk.localCount)
      walk.begin(index, true)
    }
    this.assemble(index, start)
    if (this.whole.length > this.limits.bodyBytes) {
      walk.refuse(`a function body has ${this.whole.length} bytes after the pass, too many`, start)
    }
    out.u32(this.whole.length)
    out.append(this.whole)
  }

  /**
   * Supposes that each float local only ever holds what may be raw; parameters come with bits of their own.
   * A walk that finds a local set to something else shows so, and is made again without that local.
   */
  private supposeRawLocals(): void {
    const { localCount, locals, type } = this.walk
    for (let i = 0; i < localCount; i++) {
      const isFloat = locals[i] === F32 || locals[i] === F64
      this.exactLocals[i] = isFloat && i >= type.params.length ? 0 : 1
    }
  }

  /** Validates the body and writes it up to its last `end`. False if what it supposed of a local was wrong. */
  private walkBody(start: number): boolean {
    const { walk } = this
    this.reset(start)
    this.charge = (walk.localCount - walk.type.params.length) >> LOCALS_PER_UNIT_LOG2
    while (!walk.done) {
      walk.next()
      if (this.deadDepth > 0) this.passDead()
      else this.passLive()
    }
    this.endSegment()
    return !this.disproved
  }

  private reset(start: number): void {
    this.segment.clear()
    this.body.clear()
    this.whole.clear()
    this.fuelLabel = 1
    this.copied = start
    this.targeted[0] = 0
    this.deadDepth = 0
    this.calls = false
    this.callValues = 0
    this.disproved = false
    this.added.length = 0
    for (const type of [I32, I64, F32, F64]) this.scratch[type]!.length = 0
  }

  /** Unreachable code is only validated, up to where its block ends or goes on. */
  private passDead(): void {
    const { walk } = this
    const { op } = walk
    const closes = (op === OP.end || op === OP.else) && walk.depth === this.deadDepth
    const results = walk.innerResults.length
    walk.check()
    if (!closes) return
    this.deadDepth = 0
    this.copied = walk.reader.pos
    this.body.u8(op)
    if (walk.done) return
    this.forgetTop(op === OP.else ? walk.innerParams.length : results)
    if (op === OP.else) this.targeted[walk.depth - 1] = 1
    this.startSegment()
  }

  private passLive(): void {
    const { walk } = this
    const { op } = walk
    this.charge += WEIGHT[op]!
    switch (op) {
      case OP.block:
      case OP.loop:
      case OP.if: {
        const params = walk.blockParams.length
        this.cleanTop(op === OP.if ? params + 1 : params)
        walk.check()
        this.relocate()
        this.forgetTop(params)
        this.targeted[walk.depth - 1] = op === OP.if ? 1 : 0
        if (op !== OP.block) this.cut()
        return
      }
      case OP.else:
        this.cleanTop(walk.innerResults.length)
        walk.check()
        this.forgetTop(walk.innerParams.length)
        this.cut()
        return
      case OP.end: {
        const results = walk.innerResults.length
        this.cleanTop(results)
        const merges = this.targeted[walk.depth - 1] === 1
        walk.check()
        if (walk.done) {
          this.copyTo(walk.reader.pos)
          return
        }
        this.forgetTop(results)
        if (merges) this.cut()
        return
      }
      case OP.br:
        this.branch(walk.immediate, 0)
        walk.check()
        this.stop()
        return
      case OP.brIf:
        this.branch(walk.immediate, 1)
        walk.check()
        this.cut()
        return
      case OP.brTable:
        this.branch(walk.targets[walk.targetCount - 1]!, 1)
        walk.check()
        this.target(walk.targets.subarray(0, walk.targetCount - 1))
        this.stop()
        return
      case OP.return:
        this.charge += branchWeight(walk.type.results.length)
        this.cleanTop(walk.type.results.length)
        this.replace(OP.br)
        this.segment.u32(walk.depth - 1)
        walk.check()
        this.stop()
        return
      case OP.unreachable:
        walk.check()
        this.stop()
        return
      case OP.call:
        this.call(walk.functionType(walk.immediate), 0)
        return
      case OP.callIndirect:
        this.call(this.module.types[walk.immediate], 1)
        return
      case OP.select:
      case OP.selectTyped:
        this.select()
        return
      case OP.memoryGrow:
        walk.check()
        this.replace(OP.call)
        this.segment.u32(memoryGrow(this.layout, this.indices.memory))
        return
      case OP.tableGrow:
        walk.check()
        this.replace(OP.call)
        this.segment.u32(tableGrow(this.layout, walk.immediate))
        return
      case OP.memoryCopy:
      case OP.memoryFill:
      case OP.memoryInit:
        this.insertCall(chargeBytes(this.layout))
        walk.check()
        this.relocate()
        return
      case OP.tableCopy:
      case OP.tableFill:
      case OP.tableInit:
        this.insertCall(chargeElements(this.layout))
        walk.check()
        return
      case OP.f32Const:
      case OP.f64Const:
        walk.check()
        walk.notes[walk.height - 1] = constantNote(this.bytes, op, walk.start + 1)
        return
      case OP.localGet:
        walk.check()
        walk.notes[walk.height - 1] = this.exactLocals[walk.immediate] ? NOTE.exact : NOTE.raw
        return
      case OP.localSet:
      case OP.localTee:
        this.setLocal(walk.immediate)
        walk.check()
        return
      case OP.globalGet:
        walk.check()
        this.relocate()
        walk.notes[walk.height - 1] = NOTE.exact
        return
      case OP.refFunc:
        walk.check()
        this.relocate()
        this.undeclared.add(walk.immediate)
        walk.notes[walk.height - 1] = NOTE.exact
        return
      default:
        if (SEES[op]! > 0) this.cleanTop(SEES[op]!)
        walk.check()
        this.relocate()
        if (RESULT[op] !== 0) walk.notes[walk.height - 1] = RESULT_NOTE[op]!
    }
  }

  /** A branch to the label with so many operands above the values that it takes along. */
  private branch(label: number, above: number): void {
    const values = this.walk.labelTypes(label).length
    this.charge += branchWeight(values)
    this.cleanTop(values + above)
    this.targeted[this.walk.depth - 1 - label] = 1
  }

  private target(labels: Uint32Array): void {
    for (const label of labels) this.targeted[this.walk.depth - 1 - label] = 1
  }

  private call(type: { params: Uint8Array; results: Uint8Array } | undefined, above: number): void {
    const { walk } = this
    this.calls = true
    if (type) {
      this.charge += callWeight(type)
      this.callValues = Math.max(this.callValues, type.params.length + type.results.length)
      this.cleanTop(type.params.length + above)
    }
    walk.check()
    this.relocate()
    this.forgetTop(type?.results.length ?? 0)
  }

  private setLocal(local: number): void {
    if (this.exactLocals[local]) this.cleanTop(1)
    else if (this.walk.notes[this.walk.height - 1] === NOTE.exact) {
      this.exactLocals[local] = 1
      this.disproved = true
    }
  }

  /** The result of a select is raw if both choices may be; if only one may, it is cleaned here. */
  private select(): void {
    const { walk } = this
    const top = walk.height - 1
    const second = walk.notes[top - 1]!
    const first = walk.notes[top - 2]!
    const mixed =
      (first === NOTE.raw) !== (second === NOTE.raw) && (first === NOTE.exact || second === NOTE.exact)
    if (mixed) this.cleanTop(3)
    walk.check()
    let note: number = NOTE.exact
    if (!mixed && (first === NOTE.raw || second === NOTE.raw)) note = NOTE.raw
    else if (first === NOTE.number && second === NOTE.number) note = NOTE.number
    walk.notes[walk.height - 1] = note
  }

  /** Copies the module's bytes up to `end`, as far as they were not copied or replaced. */
  private copyTo(end: number): void {
    this.segment.copy(this.bytes, this.copied, end)
    this.copied = end
  }

  /** Writes `op` where the present instruction stood. */
  private replace(op: number): void {
    this.copyTo(this.walk.start)
    this.copied = this.walk.reader.pos
    if (op >= 0x100) this.segment.u8(0xfc)
    this.segment.u8(op & 0xff)
  }

  /** Writes the present instruction with the program's indices in place of the module's. */
  private relocate(): void {
    const { indices, segment, walk } = this
    if (!indices.moved) return
    const { op, immediate, immediate2 } = walk
    const form = IMMEDIATE[op]!
    if (form === IMM.func) {
      this.replace(op)
      segment.u32(indices.functionIndex(immediate))
      return
    }
    if (indices.memory === 0) return
    switch (form) {
      case IMM.blockType:
        if (immediate < 0) return
        this.replace(op)
        segment.signed(immediate + indices.types)
        return
      case IMM.global:
        this.replace(op)
        segment.u32(immediate + indices.globals)
        return
      case IMM.memarg:
        this.replace(op)
        segment.u32(immediate | MEMARG_HAS_MEMORY)
        segment.u32(indices.memory)
        segment.u32(immediate2)
        return
      case IMM.memory:
        this.replace(op)
        segment.u32(indices.memory)
        return
      case IMM.memoryMemory:
        this.replace(op)
        segment.u32(indices.memory)
        segment.u32(indices.memory)
        return
      case IMM.data:
      case IMM.dataMemory:
        this.replace(op)
        segment.u32(immediate + indices.data)
        if (form === IMM.dataMemory) segment.u32(indices.memory)
    }
  }

  /** Writes a call before the present instruction. */
  private insertCall(index: number): void {
    this.copyTo(this.walk.start)
    this.segment.u8(OP.call)
    this.segment.u32(index)
  }

  /** The basic block ends behind the present instruction and another one starts. */
  private cut(): void {
    this.copyTo(this.walk.reader.pos)
    this.endSegment()
    this.startSegment()
  }

  /** The basic block ends behind the present instruction and what follows cannot be reached. */
  private stop(): void {
    this.copyTo(this.walk.reader.pos)
    this.endSegment()
    this.deadDepth = this.walk.depth
  }

  private startSegment(): void {
    this.fuelLabel = this.walk.depth
  }

  private endSegment(): void {
    const { body, layout } = this
    if (this.charge > 0) {
      const local = this.scratchLocal(I64, 0)
      body.u8(OP.globalGet)
      body.u32(layout.fuel)
      body.u8(OP.i64Const)
      body.signed(this.charge)
      body.u8(OP.i64Sub)
      body.u8(OP.localTee)
      body.u32(local)
      body.put(OP.i64Const, 0, OP.i64LtS, OP.brIf)
      body.u32(this.fuelLabel)
      body.u8(OP.localGet)
      body.u32(local)
      body.u8(OP.globalSet)
      body.u32(layout.fuel)
    }
    body.append(this.segment)
    this.segment.clear()
    this.charge = 0
  }

  /** Nothing is known of the top operands: they may have come over more than one way. */
  private forgetTop(count: number): void {
    const { height, notes } = this.walk
    for (let i = height - count; i < height; i++) notes[i] = NOTE.exact
  }

  /** Makes NaN canonical in each of the top operands that may be raw. */
  private cleanTop(count: number): void {
    const { walk } = this
    const { height, notes, types } = walk
    let lowest = Math.max(0, height - count)
    while (lowest < height && notes[lowest] !== NOTE.raw) lowest++
    if (lowest >= height) return

    this.copyTo(walk.start)
    // Those above the lowest step aside, each into a local of its own.
    const used: Record<number, number> = { [I32]: 0, [I64]: 1, [F32]: 0, [F64]: 0 }
    const aside: number[] = []
    for (let i = height - 1; i > lowest; i--) {
      const type = types[i]!
      const local = this.scratchLocal(type, used[type]!)
      used[type]!++
      aside.push(local)
      this.segment.u8(OP.localSet)
      this.segment.u32(local)
    }
    const local = this.scratchLocal(types[lowest]!, used[types[lowest]!]!)
    this.segment.u8(OP.localTee)
    this.segment.u32(local)
    this.writeCanonical(local, types[lowest]!)
    notes[lowest] = NOTE.exact
    for (let i = lowest + 1; i < height; i++) {
      const put = aside.pop()!
      this.segment.u8(OP.localGet)
      this.segment.u32(put)
      if (notes[i] !== NOTE.raw) continue
      this.writeCanonical(put, types[i]!)
      notes[i] = NOTE.exact
    }
  }

  /** With the local's value on the stack: leaves it, or the canonical NaN in place of any other. */
  private writeCanonical(local: number, type: number): void {
    const { segment } = this
    segment.put(...(type === F32 ? CANONICAL_F32 : CANONICAL_F64))
    segment.u8(OP.localGet)
    segment.u32(local)
    segment.u8(OP.localGet)
    segment.u32(local)
    segment.put(type === F32 ? OP.f32Eq : OP.f64Eq, OP.select)
  }

  /** The n-th added local of a type. The first i64 is the charge's. */
  private scratchLocal(type: number, n: number): number {
    const locals = this.scratch[type]!
    while (locals.length <= n) {
      locals.push(this.walk.localCount + this.added.length)
      this.added.push(type)
    }
    return locals[n]!
  }

  private assemble(index: number, start: number): void {
    const { walk, whole } = this
    const held = walk.localCount + this.added.length + walk.maxHeight + this.callValues
    if (held > this.limits.frameSlots) {
      const limit = this.limits.frameSlots
      walk.refuse(`a function holds ${held} values at once; at most ${limit} are allowed`, start)
    }
    const slots = held + (this.body.length >> BODY_BYTES_PER_SLOT_LOG2) + FRAME_SLOTS
    const guard = this.calls || slots > LEAF_SLOTS ? { slots, local: this.scratchLocal(I32, 0) } : null
    this.writeLocals(index, start)
    writeFrame(whole, this.layout, guard, walk.type.results, this.body)
  }

  private writeLocals(index: number, start: number): void {
    const { walk, whole, added } = this
    const { reader } = walk
    reader.pos = this.module.bodies[2 * index]!
    reader.end = start
    const groups = reader.u32()
    whole.u32(groups + added.length)
    whole.copy(this.bytes, reader.pos, start)
    for (const type of added) whole.put(1, type)
  }
}
