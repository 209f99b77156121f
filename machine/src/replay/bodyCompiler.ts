/**
 * Compiles one function after another of the canonical program: the same WebAssembly, which counts the steps of its
 * lowered code and can stop. A function that may stop becomes
 *
 *     block $stop (result i32)          the number of the site where it stops
 *       block $body (results)           the function's own label
 *         …
 *       end
 *       return the results and the steps left
 *     end
 *     write parameters, locals and operands into a record; return
 *
 * It takes the steps that are left as one more parameter and returns them as one more result: negative, and all other
 * results meaningless, where it stopped. Where it may stop, operands are in locals.
 *
 * Steps are not subtracted where they are done. At each place of the code some are *pending*, as many on all ways that
 * lead there: the first branch to a label says how many, and later ones subtract the difference.
 */
import { OPCODE } from '../isa/opcode.gen.ts'
import type { Lowered } from '../lower/lowered.ts'
import { BodyValidator } from '../wasm/bodyValidator.ts'
import type { BuildLimits } from '../wasm/limits.ts'
import type { Module } from '../wasm/module.ts'
import { F32, F64, FUNCREF, I32, I64, IMM, IMMEDIATE, OP, OPERAND_COUNT } from '../wasm/opcodes.ts'
import { Writer } from '../wasm/writer.ts'
import type { Additions } from './additions.ts'
import { LongInstructions } from './longInstructions.ts'
import { OperandStack } from './operandStack.ts'
import { type Records, SLOT_BYTES } from './records.ts'
import { Resume } from './resume.ts'
import { SITE, type Site, type Sites } from './sites.ts'
import { returnSteps, StepReader } from './steps.ts'
import { MAKES_NAN, writeCanonical } from './strict.ts'
import { COUNTED, type Survey } from './survey.ts'

const EMPTY = 0x40
const UNSET = -1
/** In an instruction's operand count: those that vary are counted where they are compiled. */
const TAKES: Readonly<Record<number, number>> = {
  [OP.drop]: 1,
  [OP.select]: 3,
  [OP.selectTyped]: 3,
  [OP.localSet]: 1,
  [OP.localTee]: 1,
  [OP.globalSet]: 1,
}

export interface Source {
  readonly module: Module
  readonly limits: BuildLimits
  readonly lowered: Lowered
  /** pc of each own function's first instruction. */
  readonly first: Uint32Array
  readonly survey: Survey
  /** The function's index where it can be referred to. */
  readonly referred: (index: number) => number
}

export interface Target {
  readonly additions: Additions
  readonly records: Records
  readonly sites: Sites
  /** Whether each NaN is made canonical where it arises. */
  readonly isStrict: boolean
  /** Whether the steps left are kept where they can be read after a trap. */
  readonly isMarked: boolean
}

export class BodyCompiler {
  private readonly source: Source
  private readonly target: Target
  private readonly walk: BodyValidator
  private readonly steps: StepReader
  private readonly operands: OperandStack
  readonly long: LongInstructions
  private readonly out = new Writer(65_536)
  private readonly head = new Writer()

  private index = 0
  private shape = 0
  private resume: Resume | null = null
  /** The local of the steps left, and where those of parameters and of others begin. */
  private left = 0
  private firstParam = 0
  private firstLocal = 0
  private counts = false
  private stops = false
  private params = 0
  private results = 0
  /** Types of locals behind those of the function. */
  private added: number[] = []
  private readonly scratch = new Map<string, number>()

  private pending = 0
  /** By control frame: what is pending at its label, and what was at its `if`. */
  private readonly labelPending: Int32Array
  private readonly ifPending: Int32Array
  private live = true
  /** Control frames when the code became dead. */
  private deadDepth = 0

  constructor(source: Source, target: Target) {
    this.source = source
    this.target = target
    this.walk = new BodyValidator(source.module, source.limits)
    this.steps = new StepReader(source.lowered.code, source.lowered.map!)
    this.operands = new OperandStack(this.walk, this.out, (type) => this.addLocal(type))
    this.long = new LongInstructions(source.module, source.lowered, target.additions)
    this.labelPending = new Int32Array(source.limits.nesting + 2)
    this.ifPending = new Int32Array(source.limits.nesting + 2)
  }

  /** Appends own function `index` to the code section: its size and its body. */
  write(index: number, code: Writer): void {
    const { source, walk } = this
    const counted = source.survey.counted[index]!
    this.resume = null
    this.shape = index
    this.begin(index, counted !== COUNTED.byCallers, counted === COUNTED.stopping)
    this.left = this.params
    this.firstParam = 0
    this.firstLocal = this.counts ? this.params + 1 : this.params
    this.writeCode(walk.locals.subarray(this.params, walk.localCount), code)
  }

  /**
   * Appends a function that goes on from a site: it takes and gives the steps left, and has its parameters, locals and
   * operands, and in the end its results, in the memory of records.
   *
   * @param shape its number among the shapes of frames
   */
  writeFrom(site: Site, shape: number, at: number, code: Writer): void {
    this.resume = new Resume(site, at, this.walk)
    this.shape = shape
    this.begin(site.functionIndex, true, true)
    this.left = 0
    this.firstParam = 1
    this.firstLocal = 1 + this.params
    this.writeCode(this.walk.locals.subarray(0, this.walk.localCount), code)
  }

  private begin(index: number, counts: boolean, stops: boolean): void {
    const { walk, out, operands, steps, source } = this
    walk.begin(index, true)
    out.clear()
    this.index = index
    this.counts = counts
    this.stops = stops
    this.added = []
    this.scratch.clear()
    operands.begin()
    this.params = walk.type.params.length
    this.results = walk.type.results.length
    this.live = true
    this.labelPending[0] = UNSET
    steps.begin(source.first[index]!)
    const enters = walk.localCount > this.params
    if (enters) steps.advance(source.lowered.map![source.first[index]!]!)
    this.pending = enters ? 1 : 0
  }

  private writeCode(locals: Uint8Array, code: Writer): void {
    const { walk, out, source, resume } = this
    if (this.stops) out.put(OP.block, I32)
    if (this.counts) {
      out.u8(OP.block)
      this.resultType(walk.type.results)
    }
    if (resume?.site.kind === SITE.entry) this.reach()
    else if (resume) this.openGuard()
    else if (this.stops && source.survey.leads[this.index])
      this.look(this.site(SITE.entry, this.steps.end, 0))
    while (!walk.done) this.instruction()
    this.writeReturn()
    if (this.stops) this.writeStop()
    if (this.counts) out.u8(OP.end)

    this.writeLocals(locals)
    code.u32(this.head.length + out.length)
    code.append(this.head)
    code.append(out)
  }

  private writeReturn(): void {
    const { out } = this
    if (!this.counts) return
    if (!this.live) {
      out.u8(OP.unreachable)
      return
    }
    this.pending += returnSteps(this.results)
    if (this.resume) this.storeResults(this.resume.at)
    this.pushLeft()
    out.u8(OP.return)
  }

  private storeResults(at: number): void {
    const { out, walk, target } = this
    const locals = [...walk.type.results].map((type, i) => ({
      type,
      local: this.scratchLocal(`result ${i}`, type),
    }))
    for (const { local } of locals.toReversed()) {
      out.u8(OP.localSet)
      out.u32(local)
    }
    for (const [i, { type, local }] of locals.entries()) {
      out.put(OP.i32Const, 0, OP.localGet)
      out.u32(local)
      target.records.writeBits(out, type)
      target.records.store(out, at + i * SLOT_BYTES)
    }
  }

  /** With the site on the stack. */
  private writeStop(): void {
    const { out, walk, target, operands } = this
    const { records, sites } = target
    out.u8(OP.end)
    const slots = [...this.frameLocals(), ...operands.all()]
    sites.shapes[this.shape] = {
      params: this.params,
      locals: walk.localCount - this.params,
      results: this.results,
      types: Uint8Array.from(slots, ({ type }) => type),
    }
    records.write(out, slots, { left: this.left, address: this.scratchLocal('address', I32) })
    for (const type of this.resume ? [] : walk.type.results) {
      if (type === FUNCREF) out.put(OP.refNull, FUNCREF)
      else writeZero(out, type)
    }
    out.u8(OP.i64Const)
    out.signed(-1)
  }

  private *frameLocals(): Generator<{ local: number; type: number }> {
    const { walk } = this
    for (let i = 0; i < walk.localCount; i++) yield { local: this.localIndex(i), type: walk.locals[i]! }
  }

  private writeLocals(locals: Uint8Array): void {
    const { head } = this
    const types = [...locals, ...this.added]
    const groups: { type: number; count: number }[] = []
    for (const type of types) {
      const last = groups.at(-1)
      if (last?.type === type) last.count++
      else groups.push({ type, count: 1 })
    }
    head.clear()
    head.u32(groups.length)
    for (const { type, count } of groups) {
      head.u32(count)
      head.u8(type)
    }
  }

  private instruction(): void {
    const { walk } = this
    walk.next()
    if (!this.live) {
      this.dead()
      return
    }
    const count = this.steps.advance(walk.start)
    const { op } = walk
    if (this.resume?.isAt(SITE.long, walk.start)) {
      this.closeGuard()
      this.reach()
    }
    switch (op) {
      case OP.nop:
        walk.check()
        return
      case OP.unreachable:
        this.operands.flush()
        this.stop()
        this.die()
        return
      case OP.block:
      case OP.loop:
      case OP.if:
        this.block(op, count)
        return
      case OP.else:
        this.else()
        return
      case OP.end:
        this.end()
        return
      case OP.br:
        this.branch(walk.immediate)
        return
      case OP.return:
        this.branch(walk.depth - 1)
        return
      case OP.brIf:
        this.branchIf()
        return
      case OP.brTable:
        this.branchTable()
        return
      case OP.call:
        this.call()
        return
      case OP.callIndirect:
        this.callIndirect()
        return
      default:
        if (this.long.takes(walk)) this.longInstruction()
        else this.plain(op, count)
    }
  }

  /** What cannot be reached has no lowered code, and gets none here. */
  private dead(): void {
    const { walk } = this
    const isLast = walk.depth === this.deadDepth
    if (isLast && walk.op === OP.else) this.else()
    else if (isLast && walk.op === OP.end) this.end()
    else walk.check()
  }

  private die(): void {
    this.walk.check()
    this.live = false
    this.deadDepth = this.walk.depth
  }

  private plain(op: number, count: number): void {
    const { walk, out, operands } = this
    operands.take(TAKES[op] ?? OPERAND_COUNT[op]!)
    this.pending += count
    const form = IMMEDIATE[op]
    if (form === IMM.local) {
      out.u8(op)
      out.u32(this.localIndex(walk.immediate))
    } else if (op === OP.dataDrop || op === OP.elemDrop) {
      this.long.writeDrop(out, op, walk.immediate)
    } else if (op === OP.refFunc) {
      out.u8(op)
      out.u32(this.target.additions.placeOf(this.source.referred(walk.immediate)))
    } else out.copy(walk.reader.bytes, walk.start, walk.reader.pos)
    walk.check()
    if (op === OP.tableSet) this.long.changesTables = true
    if (this.target.isStrict && MAKES_NAN[op]) {
      const type = walk.types[walk.height - 1]!
      writeCanonical(out, type, this.scratchLocal('nan', type))
    }
  }

  private block(op: number, count: number): void {
    const { walk, out, operands, resume } = this
    const enclosing = resume?.enclosing(walk.start) ?? null
    if (enclosing) this.closeGuard()
    const takes = walk.blockParams.length + (op === OP.if ? 1 : 0)
    if (walk.height > takes) operands.flush()
    operands.take(takes)
    if (enclosing && op === OP.if) {
      out.put(OP.i32Const, enclosing.isElse ? 0 : 1, OP.localGet)
      out.u32(this.scratchLocal('reached', I32))
      out.u8(OP.select)
    }
    this.pending += count
    out.copy(walk.reader.bytes, walk.start, walk.reader.pos)
    walk.check()
    const frame = walk.depth - 1
    this.labelPending[frame] = op === OP.loop ? this.pending : UNSET
    this.ifPending[frame] = this.pending
    if (enclosing?.isElse) resume!.elseDepth = walk.depth
    else if (resume?.isAt(SITE.loop, walk.start)) this.reach()
    else if (enclosing) this.openGuard()
    if (op !== OP.loop || !this.stops) return
    operands.flush()
    this.look(this.site(SITE.loop, this.steps.end, walk.height))
  }

  private else(): void {
    const { walk, out, operands } = this
    const frame = walk.depth - 1
    if (this.live) {
      operands.take(walk.innerResults.length)
      this.pending++
      this.settle(frame)
    }
    out.u8(OP.else)
    walk.check()
    operands.inLocals = walk.height - walk.innerParams.length
    this.pending = this.ifPending[frame]!
    this.live = true
    if (this.resume?.elseDepth !== walk.depth) return
    this.resume.elseDepth = 0
    this.openGuard()
  }

  private end(): void {
    const { walk, out, operands } = this
    const frame = walk.depth - 1
    const op = walk.frameOp[frame]!
    const results = walk.innerResults.length
    if (this.live) operands.take(results)
    if (op === OP.if) {
      const without = this.ifPending[frame]!
      if (this.labelPending[frame] === UNSET) this.labelPending[frame] = without
      if (this.live) this.settle(frame)
      if (this.labelPending[frame] !== without) {
        out.u8(OP.else)
        this.pending = without
        this.settle(frame)
      }
    } else if (this.live && op !== OP.loop) this.settle(frame)
    out.u8(OP.end)
    walk.check()
    if (op !== OP.loop && this.labelPending[frame] !== UNSET) {
      this.live = true
      this.pending = this.labelPending[frame]!
    }
    operands.inLocals = walk.height - results
    if (this.live || frame === 0) return
    // The block's results would be missing for what stands behind it.
    out.u8(OP.unreachable)
    this.deadDepth = walk.depth
  }

  /** Brings what is pending to what it is at the frame's label, or says what it is there. */
  private settle(frame: number): void {
    if (this.labelPending[frame] === UNSET) this.labelPending[frame] = this.pending
    this.subtract(this.pending - this.labelPending[frame]!)
    this.pending = this.labelPending[frame]!
  }

  private subtract(steps: number): void {
    if (steps === 0 || !this.counts) return
    const { out, left } = this
    out.u8(OP.localGet)
    out.u32(left)
    out.u8(OP.i64Const)
    out.signed(steps)
    out.put(OP.i64Sub, OP.localSet)
    out.u32(left)
  }

  /** Leaves the steps left on the stack, with nothing pending. */
  private pushLeft(): void {
    const { out } = this
    out.u8(OP.localGet)
    out.u32(this.left)
    if (this.pending !== 0) {
      out.u8(OP.i64Const)
      out.signed(this.pending)
      out.u8(OP.i64Sub)
    }
    this.pending = 0
  }

  /** Steps of a branch up to the label; a function's own stands before its return. */
  private stepsTo(frame: number, from: number): number {
    return this.steps.untilLeft(from) - (frame === 0 ? returnSteps(this.results) : 0)
  }

  private branch(label: number): void {
    const { walk, out, operands, steps } = this
    const frame = walk.depth - 1 - label
    operands.take(walk.labelTypes(label).length)
    this.pending += this.stepsTo(frame, steps.start)
    this.settle(frame)
    out.u8(OP.br)
    out.u32(this.label(label))
    this.die()
  }

  private branchIf(): void {
    const { walk, out, operands, steps } = this
    const label = walk.immediate
    const frame = walk.depth - 1 - label
    const values = walk.labelTypes(label).length
    operands.take(values + 1)
    const isPlain = steps.opcode(steps.start) === OPCODE.br_if
    const taken = this.pending + 1 + (isPlain ? 0 : this.stepsTo(frame, steps.start + 1))
    if (this.labelPending[frame] === UNSET) this.labelPending[frame] = taken
    const difference = taken - this.labelPending[frame]!
    const isLoop = walk.frameOp[frame] === OP.loop
    if (difference !== 0 && !isLoop && values === 0) {
      // Subtracted only where it leaves: the way on is the more frequent one.
      out.put(OP.if, EMPTY)
      this.subtract(difference)
      out.u8(OP.br)
      out.u32(this.label(label) + 1)
      out.u8(OP.end)
    } else {
      this.subtract(difference)
      this.pending -= difference
      out.u8(OP.brIf)
      out.u32(this.label(label))
    }
    this.pending++
    walk.check()
  }

  private branchTable(): void {
    const { walk, out, operands, steps, labelPending } = this
    const { targets, targetCount } = walk
    const values = walk.labelTypes(targets[0]!).length
    const first = steps.start + 1
    /** What is pending when a label is reached, of those that subtract something on the way. */
    const stubs = new Map<number, number>()
    for (let i = 0; i < targetCount; i++) {
      const label = targets[i]!
      const frame = walk.depth - 1 - label
      const to = steps.target(first + i)
      const isStub = to >= first + targetCount && to < steps.end
      const taken = this.pending + 2 + (isStub ? this.stepsTo(frame, to) : 0)
      if (labelPending[frame] === UNSET) labelPending[frame] = taken
      if (values > 0 || taken !== labelPending[frame]) stubs.set(label, taken)
    }
    const labels = [...stubs.keys()]
    if (labels.length === 0) operands.take(values + 1)
    else {
      operands.flush()
      for (const _ of labels) out.put(OP.block, EMPTY)
      operands.get(walk.height - 1, walk.height)
    }
    out.u8(OP.brTable)
    out.u32(targetCount - 1)
    const placeOf = new Map(labels.map((label, i) => [label, i]))
    for (let i = 0; i < targetCount; i++) {
      out.u32(placeOf.get(targets[i]!) ?? this.label(targets[i]!) + labels.length)
    }
    for (const [i, label] of labels.entries()) {
      out.u8(OP.end)
      this.subtract(stubs.get(label)! - labelPending[walk.depth - 1 - label]!)
      operands.get(walk.height - 1 - values, walk.height - 1)
      out.u8(OP.br)
      out.u32(this.label(label) + labels.length - 1 - i)
    }
    this.die()
  }

  private call(): void {
    const { walk, out, operands, source } = this
    const { module, survey } = source
    const index = walk.immediate
    if (index < module.importedFunctions) {
      this.primitive(module.imports[index]!.name)
      return
    }
    const callee = index - module.importedFunctions
    const counted = survey.counted[callee]!
    const params = walk.functionType(index).params.length
    const below = walk.height - params
    if (counted === COUNTED.stopping && below > 0) operands.flush()
    operands.take(params)
    this.pending++
    if (counted === COUNTED.byCallers) this.pending += survey.stretch[callee]!
    else this.pushLeft()
    this.target.additions.writeCall(out, this.target.additions.own(index))
    walk.check()
    if (counted !== COUNTED.byCallers) this.returned(below, counted === COUNTED.stopping)
  }

  private callIndirect(): void {
    const { walk, out, operands } = this
    const { immediate: type, immediate2: table } = walk
    const below = walk.height - 1 - walk.module.types[type]!.params.length
    operands.flush()
    operands.get(below, walk.height - 1)
    this.pending++
    this.pushLeft()
    operands.get(walk.height - 1, walk.height)
    operands.inLocals = below
    out.u8(OP.callIndirect)
    out.u32(this.target.additions.countedTypeIndex(type))
    out.u32(table)
    walk.check()
    this.returned(below, true)
  }

  /** With the results of a call on the stack. */
  private returned(below: number, mayStop: boolean): void {
    const { walk, out, operands } = this
    out.u8(OP.localSet)
    out.u32(this.left)
    if (!mayStop) return
    operands.flush()
    this.look(this.site(SITE.call, this.steps.end, walk.height, below))
    if (!this.resume?.isAt(SITE.call, walk.start)) return
    this.closeGuard()
    this.reach()
  }

  private primitive(name: string): void {
    const { walk, out, operands } = this
    switch (name) {
      case 'input_length':
        this.pending++
        this.long.writeInputLength(out)
        walk.check()
        return
      case 'halt':
        operands.flush()
        this.stop()
        walk.check()
        operands.inLocals = walk.height
        return
      default:
        this.longInstruction()
    }
  }

  /** An instruction that takes many steps: all of them, or none. */
  private longInstruction(): void {
    const { walk, out, operands, long } = this
    const count = long.operandCount(walk)
    const [steps, rest] = [this.scratchLocal('steps', I64), this.scratchLocal('rest', I64)]
    operands.flush()
    operands.get(walk.height - count, walk.height)
    long.writeSteps(out, walk)
    out.u8(OP.localSet)
    out.u32(steps)
    out.u8(OP.i32Const)
    out.signed(this.site(SITE.long, this.steps.start, walk.height))
    for (const local of [this.left, steps]) {
      out.u8(OP.localGet)
      out.u32(local)
    }
    out.put(OP.i64Sub, OP.localTee)
    out.u32(rest)
    this.stopIfNegative()
    out.u8(OP.localGet)
    out.u32(rest)
    out.u8(OP.localSet)
    out.u32(this.left)
    operands.get(walk.height - count, walk.height)
    operands.inLocals = walk.height - count
    long.writeInstruction(out, walk)
    walk.check()
  }

  /** A site in this function. @param below operands under the arguments of the call that it stands behind */
  private site(kind: number, pc: number, height: number, below = 0): number {
    const { walk, pending, index, shape } = this
    const offset = kind === SITE.entry ? 0 : walk.start
    const place = { kind, functionIndex: index, shape, pc, offset, pending, height, below }
    return this.target.sites.add(place, (operand) => walk.localCount + this.operands.slotOf(operand))
  }

  /** Stops here. */
  private stop(): void {
    const { out, walk } = this
    out.u8(OP.i32Const)
    out.signed(this.site(SITE.end, this.steps.start, walk.height))
    out.u8(OP.br)
    out.u32(this.label(walk.depth))
  }

  /** Stops if no steps are left, or the function that was called stopped. */
  private look(site: number): void {
    const { out, left } = this
    out.u8(OP.i32Const)
    out.signed(site)
    out.u8(OP.localGet)
    out.u32(left)
    if (this.target.isMarked) {
      out.u8(OP.globalSet)
      out.u32(this.target.records.mark)
      out.u8(OP.localGet)
      out.u32(left)
    }
    this.stopIfNegative()
  }

  /** With the site and a number of steps on the stack. */
  private stopIfNegative(): void {
    this.out.put(OP.i64Const, 0, OP.i64LtS, OP.brIf)
    this.out.u32(this.label(this.walk.depth))
    this.out.u8(OP.drop)
  }

  /** In compiled code, of a label here. */
  private label(label: number): number {
    const { resume, walk } = this
    return resume?.isBeyondGuard(label, walk.depth) ? label + 1 : label
  }

  /** What comes now is passed over until the site was reached. */
  private openGuard(): void {
    const { out, operands, resume, walk } = this
    operands.flush()
    out.put(OP.block, EMPTY, OP.localGet)
    out.u32(this.scratchLocal('reached', I32))
    out.put(OP.i32Eqz, OP.brIf, 0)
    resume!.guard = walk.depth
  }

  private closeGuard(): void {
    this.operands.flush()
    this.out.u8(OP.end)
    this.resume!.guard = null
  }

  /** The site: takes parameters, locals and operands, the first time. */
  private reach(): void {
    const { out, operands, target } = this
    const resume = this.resume!
    operands.flush()
    const reached = this.scratchLocal('reached', I32)
    resume.isReached = true
    out.u8(OP.localGet)
    out.u32(reached)
    out.put(OP.i32Eqz, OP.if, EMPTY)
    const slots = [...this.frameLocals(), ...operands.now()]
    for (const [i, { local, type }] of slots.entries()) {
      target.records.load(out, type, resume.at + i * SLOT_BYTES)
      out.u8(OP.localSet)
      out.u32(local)
    }
    out.put(OP.i32Const, 1, OP.localSet)
    out.u32(reached)
    out.u8(OP.end)
  }

  private localIndex(index: number): number {
    return index < this.params ? this.firstParam + index : this.firstLocal + index - this.params
  }

  private addLocal(type: number): number {
    return this.localIndex(this.walk.localCount) + this.added.push(type) - 1
  }

  private scratchLocal(name: string, type: number): number {
    const key = `${name} ${type}`
    let local = this.scratch.get(key)
    if (local === undefined) {
      local = this.addLocal(type)
      this.scratch.set(key, local)
    }
    return local
  }

  private resultType(results: Uint8Array): void {
    const { out, target } = this
    if (results.length === 0) out.u8(EMPTY)
    else if (results.length === 1) out.u8(results[0]!)
    else out.signed(target.additions.typeIndex({ params: new Uint8Array(0), results }))
  }
}

function writeZero(out: Writer, type: number): void {
  if (type === F64) out.put(OP.f64Const, 0, 0, 0, 0, 0, 0, 0, 0)
  else if (type === F32) out.put(OP.f32Const, 0, 0, 0, 0)
  else out.put(type === I64 ? OP.i64Const : OP.i32Const, 0)
}
