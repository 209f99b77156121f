/**
 * Validates function bodies and writes them without their charges, in one walk; on the way it notes the control
 * flow, which `fold.ts` needs to place the charges.
 *
 * `return` becomes a branch to the body's own label, so that there is one way out. Code that cannot be reached is
 * validated and left out. What is kept is copied from the module in stretches.
 *
 * A long file: what becomes of each instruction is one switch.
 */
import { BodyValidator } from '../wasm/bodyValidator.ts'
import type { BuildLimits } from '../wasm/limits.ts'
import type { FunctionType, Module } from '../wasm/module.ts'
import { F32, F64, FUNCREF, I32, I64, IMM, IMMEDIATE, OP, RESULT } from '../wasm/opcodes.ts'
import type { Writer } from '../wasm/writer.ts'
import { BODY_BYTES_PER_SLOT_LOG2, FRAME_SLOTS } from './abi.ts'
import { Addresses } from './addresses.ts'
import { Apart } from './apart.ts'
import { type Count, LoopCounter, writeIsOdd } from './countedLoops.ts'
import { FloatLocals } from './floatLocals.ts'
import { FlowBuilder } from './flowBuilder.ts'
import type { FlowGraph } from './flowGraph.ts'
import { chargeBytes, chargeElements, memoryGrow, tableGrow } from './helpers.ts'
import type { Layout } from './layout.ts'
import type { Indices } from './linkage.ts'
import { constantNote, NOTE, RESULT_NOTE, SEES } from './notes.ts'
import { isQuiet, MOST as MOST_STORES, RawStores, STORED_TYPE } from './rawStores.ts'
import { branchWeight, callWeight, LOCALS_PER_UNIT_LOG2, WEIGHT } from './weights.ts'

/** The bit of a memory argument's alignment behind which the number of a memory stands. */
const MEMARG_HAS_MEMORY = 0x40

/** Bytes of a loop that may have two versions. */
const LARGEST_VERSION = 1 << 12

const EMPTY = 0x40

const CANONICAL_F32 = [OP.f32Const, 0x00, 0x00, 0xc0, 0x7f]
const CANONICAL_F64 = [OP.f64Const, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf8, 0x7f]

/** A body as it was walked: without charges and guard. */
export interface Body {
  /** Of the module: how many groups of locals it declares, and where they are. */
  readonly bytes: Uint8Array
  readonly groups: number
  readonly groupsStart: number
  readonly groupsEnd: number
  /** Parameters and locals of its own, and types of the locals that the walk added. */
  readonly localCount: number
  readonly added: readonly number[]
  /** In the walked code: the body up to its last `end`. */
  readonly start: number
  readonly end: number
  /** Slots of its frame. */
  readonly slots: number
  readonly calls: boolean
  /** Places where a NaN is made canonical. */
  readonly looks: number
  readonly type: FunctionType
}

/** Where walked code goes. */
export interface WalkOutput {
  readonly layout: Layout
  readonly graph: FlowGraph
  readonly code: Writer
}

/** Room for the fuel's and the guard's local. */
const OWN_LOCALS = 2

export class BodyWalker {
  private readonly walk: BodyValidator
  private readonly bytes: Uint8Array
  private readonly module: Module
  private readonly layout: Layout
  private readonly indices: Indices
  private readonly limits: BuildLimits
  private readonly graph: FlowGraph
  /** The code of all bodies. */
  private readonly code: Writer

  /** The module's bytes before this are in `code` or left out. */
  private copied = 0
  private readonly flow: FlowBuilder
  /** While code is unreachable: the depth of the frame whose `else` or `end` is reached again. Otherwise 0. */
  private deadDepth = 0
  private calls = false
  /** The most parameters and results of one call. */
  private callValues = 0

  private readonly floats: FloatLocals

  /** Types of the locals that the walk adds, and those of each type by number of use. */
  private added: number[] = []
  private readonly scratch: Record<number, number[]> = {
    [I32]: [],
    [I64]: [],
    [F32]: [],
    [F64]: [],
    [FUNCREF]: [],
  }

  private readonly addresses: Addresses
  private readonly apart: Apart
  private readonly stores: RawStores
  private readonly loopCounter = new LoopCounter()
  /** Where the innermost loop began, in the code, in the module, and what had been seen before. */
  private readonly loop = { before: 0, body: 0, access: 0, stores: 0, looks: 0 }
  private readonly storeLocals = new Map<number, number>()

  /** Of the body so far. */
  private looks = 0

  /** Functions that `ref.func` names. */
  readonly referenced = new Set<number>()

  constructor(module: Module, limits: BuildLimits, output: WalkOutput, indices: Indices) {
    this.module = module
    this.bytes = module.bytes
    this.layout = output.layout
    this.graph = output.graph
    this.code = output.code
    this.indices = indices
    this.limits = limits
    this.walk = new BodyValidator(module, limits)
    this.floats = new FloatLocals(this.graph, limits.locals)
    this.addresses = new Addresses(limits.frameSlots, limits.locals)
    this.apart = new Apart(this.addresses)
    this.flow = new FlowBuilder(this.graph, this.code, limits.nesting, () => this.addresses.startBlock())
    this.stores = new RawStores({
      code: this.code,
      addresses: this.addresses,
      local: (type, n) => this.storeLocal(type, n),
      writeCanonical: (local, type) => this.writeCanonical(local, type),
      isApart: (...access) => this.apart.suppose(...access),
    })
  }

  /** Walks own function `index`, whose flow becomes the graph's next function. */
  write(index: number): Body {
    const { walk, code, graph } = this
    walk.begin(index)
    this.looks = 0
    this.floats.begin(walk.locals, walk.localCount, walk.type.params.length)
    const from = walk.reader.pos
    const start = code.length
    this.walkBody(from)
    while (this.floats.again()) {
      walk.begin(index, true)
      this.looks = 0
      code.length = start
      graph.restartFunction()
      this.walkBody(from)
    }
    graph.endFunction()
    return this.finish(index, from, start)
  }

  private finish(index: number, from: number, start: number): Body {
    const { walk, code, bytes, added } = this
    const held = walk.localCount + added.length + OWN_LOCALS + walk.maxHeight + this.callValues
    if (held > this.limits.frameSlots) {
      const limit = this.limits.frameSlots
      walk.refuse(`a function holds ${held} values at once; at most ${limit} are allowed`, from)
    }
    const { reader } = walk
    reader.pos = this.module.bodies[2 * index]!
    const groups = reader.u32()
    return {
      bytes,
      groups,
      groupsStart: reader.pos,
      groupsEnd: from,
      localCount: walk.localCount,
      added,
      start,
      end: code.length,
      slots: held + ((code.length - start) >> BODY_BYTES_PER_SLOT_LOG2) + FRAME_SLOTS,
      calls: this.calls,
      looks: this.looks,
      type: walk.type,
    }
  }

  /** Validates the body and writes it up to its last `end`. */
  private walkBody(start: number): void {
    const { walk } = this
    this.reset(start)
    this.flow.begin()
    this.flow.cost = (walk.localCount - walk.type.params.length) >> LOCALS_PER_UNIT_LOG2
    while (!walk.done) {
      walk.next()
      if (this.deadDepth > 0) this.passDead()
      else this.passLive()
    }
    this.flow.endBlock()
  }

  private reset(start: number): void {
    this.copied = start
    this.deadDepth = 0
    this.calls = false
    this.callValues = 0
    this.added = []
    this.stores.clear()
    this.loopCounter.end()
    this.storeLocals.clear()
    for (const type of [I32, I64, F32, F64, FUNCREF]) this.scratch[type]!.length = 0
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
    this.code.u8(op)
    if (walk.done) return
    if (op === OP.else) {
      this.forgetTop(walk.innerParams.length)
      this.flow.startElse(walk.depth - 1)
    } else {
      this.forgetTop(results)
      this.flow.join(walk.depth)
    }
  }

  private passLive(): void {
    const { walk } = this
    const { op } = walk
    this.flow.cost += WEIGHT[op]!
    if (this.stores.any && !isQuiet(op)) this.mayFlush(op)
    if (op !== OP.end) this.loopCounter.see(op, walk.immediate)
    switch (op) {
      case OP.block:
      case OP.loop:
      case OP.if: {
        const params = walk.blockParams.length
        this.cleanTop(op === OP.if ? params + 1 : params)
        walk.check()
        this.copyTo(walk.start)
        const before = this.code.length
        this.relocate()
        this.forgetTop(params)
        if (op !== OP.block) this.copyTo(walk.reader.pos)
        this.flow.enter(walk.depth - 1, op, before)
        if (op === OP.loop) this.beginLoop(params, before)
        return
      }
      case OP.else:
        this.cleanTop(walk.innerResults.length)
        walk.check()
        this.forgetTop(walk.innerParams.length)
        this.copyTo(walk.reader.pos)
        this.flow.branchTo(walk.depth - 1)
        this.flow.endBlock()
        this.flow.startElse(walk.depth - 1)
        return
      case OP.end: {
        const results = walk.innerResults.length
        this.cleanTop(results)
        const frame = walk.depth - 1
        const count = this.loopCounter.end()
        const hasVersions = count !== null && results === 0 && this.writeVersions(count)
        walk.check()
        if (hasVersions) this.copied = walk.reader.pos
        else this.copyTo(walk.reader.pos)
        if (hasVersions) this.flow.moveBlock(frame)
        if (walk.done) {
          this.flow.exit()
          return
        }
        this.forgetTop(results)
        if (count) this.flow.count(frame, count)
        this.flow.leave(frame)
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
        this.copyTo(walk.reader.pos)
        this.flow.fallThrough(walk.depth)
        return
      case OP.brTable:
        this.branch(walk.targets[walk.targetCount - 1]!, 1)
        walk.check()
        for (let i = 0; i < walk.targetCount - 1; i++) this.flow.branchTo(walk.depth - 1 - walk.targets[i]!)
        this.stop()
        return
      case OP.return:
        this.flow.cost += branchWeight(walk.type.results.length)
        this.cleanTop(walk.type.results.length)
        this.flow.branchTo(0)
        this.replace(OP.br)
        this.code.u32(walk.depth - 1)
        walk.check()
        this.stop()
        return
      case OP.unreachable:
        walk.check()
        this.stop()
        return
      case OP.call:
        this.call(walk.functionType(walk.immediate), 0)
        this.flow.noteCall(this.indices.functionIndex(walk.immediate))
        return
      case OP.callIndirect:
        this.call(this.module.types[walk.immediate], 1)
        this.flow.noteCall(-1 - walk.immediate)
        return
      case OP.select:
      case OP.selectTyped:
        this.select()
        return
      case OP.memoryGrow:
        walk.check()
        this.replace(OP.call)
        this.code.u32(memoryGrow(this.layout, this.indices.memory))
        this.addresses.forget(walk.height - 1)
        this.flow.spend()
        return
      case OP.tableGrow:
        walk.check()
        this.replace(OP.call)
        this.code.u32(tableGrow(this.layout, walk.immediate))
        this.addresses.forget(walk.height - 1)
        this.flow.spend()
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
      case OP.i32Const:
        walk.check()
        walk.notes[walk.height - 1] = NOTE.exact
        this.addresses.constant(walk.height - 1, walk.immediate)
        return
      case OP.i32Add:
        walk.check()
        walk.notes[walk.height - 1] = NOTE.exact
        this.addresses.add(walk.height - 1)
        return
      case OP.f32Store:
      case OP.f64Store:
        this.store(op)
        return
      case OP.localGet:
        walk.check()
        this.addresses.get(walk.height - 1, walk.immediate)
        walk.notes[walk.height - 1] = this.floats.get(walk.immediate, this.flow.block)
        return
      case OP.localSet:
      case OP.localTee:
        this.setLocal(walk.immediate)
        this.addresses.set(walk.height - 1, walk.immediate)
        walk.check()
        return
      case OP.globalGet:
        walk.check()
        this.relocate()
        walk.notes[walk.height - 1] = NOTE.exact
        this.addresses.forget(walk.height - 1)
        return
      case OP.refFunc:
        walk.check()
        this.relocate()
        this.referenced.add(walk.immediate)
        walk.notes[walk.height - 1] = NOTE.exact
        return
      default:
        if (SEES[op]! > 0) this.cleanTop(SEES[op]!)
        walk.check()
        this.relocate()
        if (RESULT[op] === 0) return
        walk.notes[walk.height - 1] = RESULT_NOTE[op]!
        this.addresses.forget(walk.height - 1)
    }
  }

  private beginLoop(params: number, before: number): void {
    const { loop, floats, stores } = this
    this.loopCounter.begin(params)
    loop.before = before
    loop.body = this.walk.reader.pos
    loop.access = floats.next
    loop.stores = stores.stores
    loop.looks = stores.looks
  }

  /**
   * At the end of a loop that counts: puts a version beside it in which fewer looks at stores are enough, if there
   * is one. It supposes that accesses lie apart, which is looked at in front of the loop, and goes two rounds at a
   * time if they have few stores. True if the code of the loop, its `end` included, is written.
   */
  private writeVersions(count: Count): boolean {
    const { walk, code, stores, loop, flow, floats } = this
    const looks = stores.looks - loop.looks
    const rounds = (stores.stores - loop.stores) * 2 <= MOST_STORES ? 2 : 1
    if (looks * rounds < 2 || walk.start - loop.body > LARGEST_VERSION) return false
    this.copyTo(walk.start)
    const [end, { cost }, { next }, before] = [code.length, flow, floats, this.looks]
    code.put(OP.loop, EMPTY)
    floats.repeats = true
    this.apart.begin(this.loopCounter.written)
    for (let round = 1; round <= rounds; round++) this.writeRoundAgain(round === rounds)
    code.u8(OP.end)
    this.apart.end()
    floats.repeats = false
    floats.next = next
    flow.cost = cost
    walk.next()
    if (stores.looks - loop.looks - looks >= looks * rounds) {
      code.length = end
      this.looks = before
      this.copied = walk.start
      return false
    }
    const slow = code.bytes.slice(loop.before, end)
    const fast = code.bytes.slice(end, code.length)
    code.length = loop.before
    if (rounds > 1) writeIsOdd(code, count)
    if (this.apart.any) this.apart.write(code)
    if (rounds > 1 && this.apart.any) code.u8(OP.i32Or)
    if (rounds > 1 || this.apart.any) {
      code.put(OP.if, EMPTY)
      code.copy(slow, 0, slow.length)
      code.put(OP.end, OP.else)
    }
    code.copy(fast, 0, fast.length)
    if (rounds > 1 || this.apart.any) code.u8(OP.end)
    return true
  }

  /** Goes once more over the loop's body; only at the end of the last round it branches. */
  private writeRoundAgain(isLast: boolean): void {
    const { walk, loop, stores, code } = this
    walk.reader.pos = loop.body
    this.copied = loop.body
    this.floats.next = loop.access
    for (walk.next(); walk.op !== OP.brIf; walk.next()) this.passLive()
    this.copyTo(walk.start)
    if (isLast && stores.any) stores.flush()
    walk.check()
    if (!isLast) {
      code.u8(OP.drop)
      this.copied = walk.reader.pos
    }
    this.copyTo(walk.reader.pos)
  }

  /** A branch to the label with so many operands above the values that it takes along. */
  private branch(label: number, above: number): void {
    const values = this.walk.labelTypes(label).length
    this.flow.cost += branchWeight(values)
    this.cleanTop(values + above)
    this.flow.branchTo(this.walk.depth - 1 - label)
  }

  private call(type: { params: Uint8Array; results: Uint8Array } | undefined, above: number): void {
    const { walk } = this
    this.calls = true
    if (type) {
      this.flow.cost += callWeight(type)
      this.callValues = Math.max(this.callValues, type.params.length + type.results.length)
      this.cleanTop(type.params.length + above)
    }
    walk.check()
    this.relocate()
    this.forgetTop(type?.results.length ?? 0)
  }

  private setLocal(local: number): void {
    const { walk } = this
    if (this.floats.set(local, this.flow.block, walk.notes[walk.height - 1]!)) this.cleanTop(1)
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
    this.addresses.forget(walk.height - 1)
  }

  /** What waits to be looked at cannot wait beyond this instruction, unless it lies beside. */
  private mayFlush(op: number): void {
    const { walk } = this
    const isStore = op >= 0x36 && op <= 0x3e
    const operand = walk.height - (isStore ? 2 : 1)
    const isRawStore = STORED_TYPE[op] !== undefined && walk.notes[walk.height - 1] === NOTE.raw
    const goesOn = isRawStore
      ? this.stores.takes(STORED_TYPE[op]!)
      : !this.stores.touches(op, operand, walk.immediate2)
    if (goesOn) return
    this.copyTo(walk.start)
    this.stores.flush()
  }

  /** A store of a float: one that may be raw goes ahead, and is looked at later. */
  private store(op: number): void {
    const { walk } = this
    const isRaw = walk.notes[walk.height - 1] === NOTE.raw
    if (!isRaw || this.indices.memory !== 0) {
      this.cleanTop(1)
      walk.check()
      this.relocate()
      return
    }
    const operand = walk.height - 2
    walk.check()
    this.copyTo(walk.start)
    const size = walk.reader.pos - walk.start
    this.stores.add(STORED_TYPE[op]!, operand, walk.immediate, walk.immediate2, size)
  }

  /** Copies the module's bytes up to `end`, as far as they were not copied or replaced. */
  private copyTo(end: number): void {
    this.code.copy(this.bytes, this.copied, end)
    this.copied = end
  }

  /** Writes `op` where the present instruction stood. */
  private replace(op: number): void {
    this.copyTo(this.walk.start)
    this.copied = this.walk.reader.pos
    if (op >= 0x100) this.code.u8(0xfc)
    this.code.u8(op & 0xff)
  }

  /** Writes the present instruction with the program's indices in place of the module's. */
  private relocate(): void {
    const { indices, code, walk } = this
    if (!indices.moved) return
    const { op, immediate, immediate2 } = walk
    const form = IMMEDIATE[op]!
    if (form === IMM.func) {
      this.replace(op)
      code.u32(indices.functionIndex(immediate))
      return
    }
    if (indices.memory === 0) return
    switch (form) {
      case IMM.blockType:
        if (immediate < 0) return
        this.replace(op)
        code.signed(immediate + indices.types)
        return
      case IMM.global:
        this.replace(op)
        code.u32(immediate + indices.globals)
        return
      case IMM.memarg:
        this.replace(op)
        code.u32(immediate | MEMARG_HAS_MEMORY)
        code.u32(indices.memory)
        code.u32(immediate2)
        return
      case IMM.memory:
        this.replace(op)
        code.u32(indices.memory)
        return
      case IMM.memoryMemory:
        this.replace(op)
        code.u32(indices.memory)
        code.u32(indices.memory)
        return
      case IMM.data:
      case IMM.dataMemory:
        this.replace(op)
        code.u32(immediate + indices.data)
        if (form === IMM.dataMemory) code.u32(indices.memory)
    }
  }

  /** Writes a call before the present instruction. */
  private insertCall(index: number): void {
    this.flow.spend()
    this.copyTo(this.walk.start)
    this.code.u8(OP.call)
    this.code.u32(index)
  }

  /** The present instruction was the last of its block and what follows cannot be reached. */
  private stop(): void {
    this.copyTo(this.walk.reader.pos)
    this.flow.endBlock()
    this.deadDepth = this.walk.depth
  }

  /** Nothing is known of the top operands: they may have come over more than one way. */
  private forgetTop(count: number): void {
    const { height, notes } = this.walk
    for (let i = height - count; i < height; i++) {
      notes[i] = NOTE.exact
      this.addresses.forget(i)
    }
  }

  /** Makes NaN canonical in each of the top operands that may be raw. */
  private cleanTop(count: number): void {
    const { walk } = this
    const { height, notes, types } = walk
    let lowest = Math.max(0, height - count)
    while (lowest < height && notes[lowest] !== NOTE.raw) lowest++
    if (lowest >= height) return

    this.copyTo(walk.start)
    // Those above the lowest step aside, each into a local of its own. An operand may do so at one block after another,
    // which cost nothing: a unit each time keeps what is executed within a multiple of the fuel.
    this.flow.cost += height - 1 - lowest
    const used: Record<number, number> = { [I32]: 0, [I64]: 0, [F32]: 0, [F64]: 0, [FUNCREF]: 0 }
    const aside: number[] = []
    for (let i = height - 1; i > lowest; i--) {
      const type = types[i]!
      const local = this.scratchLocal(type, used[type]!)
      used[type]!++
      aside.push(local)
      this.code.u8(OP.localSet)
      this.code.u32(local)
    }
    const local = this.scratchLocal(types[lowest]!, used[types[lowest]!]!)
    this.code.u8(OP.localTee)
    this.code.u32(local)
    this.writeCanonical(local, types[lowest]!)
    notes[lowest] = NOTE.exact
    for (let i = lowest + 1; i < height; i++) {
      const put = aside.pop()!
      this.code.u8(OP.localGet)
      this.code.u32(put)
      if (notes[i] !== NOTE.raw) continue
      this.writeCanonical(put, types[i]!)
      notes[i] = NOTE.exact
    }
  }

  /** With the local's value on the stack: leaves it, or the canonical NaN in place of any other. */
  private writeCanonical(local: number, type: number): void {
    this.looks++
    const { code } = this
    code.put(...(type === F32 ? CANONICAL_F32 : CANONICAL_F64))
    code.u8(OP.localGet)
    code.u32(local)
    code.u8(OP.localGet)
    code.u32(local)
    code.put(type === F32 ? OP.f32Eq : OP.f64Eq, OP.select)
  }

  /** The n-th added local of a type that the stores have to themselves. */
  private storeLocal(type: number, n: number): number {
    const key = type * 256 + n
    let local = this.storeLocals.get(key)
    if (local === undefined) {
      local = this.walk.localCount + this.added.length
      this.added.push(type)
      this.storeLocals.set(key, local)
    }
    return local
  }

  /** The n-th added local of a type. */
  private scratchLocal(type: number, n: number): number {
    const locals = this.scratch[type]!
    while (locals.length <= n) {
      locals.push(this.walk.localCount + this.added.length)
      this.added.push(type)
    }
    return locals[n]!
  }
}
