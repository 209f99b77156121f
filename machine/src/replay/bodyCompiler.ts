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
 */
import type { Lowered } from '../lower/lowered.ts'
import { BodyValidator } from '../wasm/bodyValidator.ts'
import type { BuildLimits } from '../wasm/limits.ts'
import type { Module } from '../wasm/module.ts'
import { I32, I64, IMM, IMMEDIATE, OP, OPERAND_COUNT } from '../wasm/opcodes.ts'
import { Writer } from '../wasm/writer.ts'
import type { Additions } from './additions.ts'
import { Branches } from './branches.ts'
import { Locals } from './locals.ts'
import { LongInstructions } from './longInstructions.ts'
import { OperandStack } from './operandStack.ts'
import type { Records } from './records.ts'
import { SITE, type Site, type Sites } from './sites.ts'
import { StepCounter } from './stepCounter.ts'
import { returnSteps, StepReader } from './steps.ts'
import { Stops } from './stops.ts'
import { MAKES_NAN, writeCanonical } from './strict.ts'
import { COUNTED, type Survey } from './survey.ts'

const EMPTY = 0x40
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
  private readonly locals: Locals
  private readonly operands: OperandStack
  private readonly counter: StepCounter
  private readonly exit: Stops
  private readonly branches: Branches
  readonly long: LongInstructions
  private readonly out = new Writer(65_536)
  private readonly head = new Writer()

  private counts = false
  private stops = false
  private live = true
  /** Control frames when the code became dead. */
  private deadDepth = 0

  constructor(source: Source, target: Target) {
    const { limits, lowered, module } = source
    const { out } = this
    this.source = source
    this.target = target
    const walk = new BodyValidator(module, limits)
    this.walk = walk
    this.steps = new StepReader(lowered.code, lowered.map!)
    this.locals = new Locals(walk)
    const { locals } = this
    this.operands = new OperandStack(walk, out, (type) => locals.add(type))
    const { operands } = this
    this.counter = new StepCounter(out, locals, limits.nesting)
    const { counter, steps } = this
    this.exit = new Stops({ ...target, walk, out, operands, locals, counter })
    this.branches = new Branches({ walk, out, operands, counter, steps, exit: this.exit })
    this.long = new LongInstructions(module, lowered, target.additions)
  }

  /** Appends own function `index` to the code section: its size and its body. */
  write(index: number, code: Writer): void {
    const counted = this.source.survey.counted[index]!
    this.begin(index, counted !== COUNTED.byCallers, counted === COUNTED.stopping)
    this.locals.begin(this.counts)
    this.exit.begin(index)
    this.writeCode(index, code)
  }

  /**
   * Appends a function that goes on from a site: it takes and gives the steps left, and has its parameters, locals and
   * operands, and in the end its results, in the memory of records.
   *
   * @param at their address
   */
  writeFrom(site: Site, at: number, code: Writer): void {
    this.exit.beginFrom(site, at)
    this.begin(site.functionIndex, true, true)
    this.locals.beginFrom()
    this.writeCode(site.functionIndex, code)
  }

  private begin(index: number, counts: boolean, stops: boolean): void {
    const { walk, steps, source } = this
    walk.begin(index, true)
    this.out.clear()
    this.operands.begin()
    this.counts = counts
    this.stops = stops
    this.live = true
    const first = source.first[index]!
    steps.begin(first)
    const enters = walk.localCount > walk.type.params.length
    if (enters) steps.advance(source.lowered.map![first]!)
    this.counter.begin(counts, enters ? 1 : 0)
  }

  private writeCode(index: number, code: Writer): void {
    const { walk, out, head, source, exit } = this
    const { resume } = exit
    if (this.stops) out.put(OP.block, I32)
    if (this.counts) {
      out.u8(OP.block)
      this.resultType(walk.type.results)
    }
    if (resume?.site.kind === SITE.entry) exit.reach(resume)
    else if (resume) exit.openGuard(resume)
    else if (this.stops && source.survey.leads[index]) exit.look(exit.site(SITE.entry, this.steps.end, 0))
    while (!walk.done) this.instruction()
    if (this.counts) this.writeReturn()
    if (this.stops) exit.write()
    if (this.counts) out.u8(OP.end)

    head.clear()
    this.locals.write(head)
    code.u32(head.length + out.length)
    code.append(head)
    code.append(out)
  }

  private writeReturn(): void {
    const { walk, out, counter, exit } = this
    if (!this.live) {
      out.u8(OP.unreachable)
      return
    }
    counter.pending += returnSteps(walk.type.results.length)
    if (exit.resume) exit.storeResults(exit.resume)
    counter.push()
    out.u8(OP.return)
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
    this.reachIfAt(SITE.long)
    switch (op) {
      case OP.nop:
        walk.check()
        return
      case OP.unreachable:
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
        this.branches.branch(walk.immediate)
        this.die()
        return
      case OP.return:
        this.branches.branch(walk.depth - 1)
        this.die()
        return
      case OP.brIf:
        this.branches.branchIf(walk.immediate)
        walk.check()
        return
      case OP.brTable:
        this.branches.branchTable()
        this.die()
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
    this.counter.pending += count
    const form = IMMEDIATE[op]
    if (form === IMM.local) {
      out.u8(op)
      out.u32(this.locals.index(walk.immediate))
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
      writeCanonical(out, type, this.locals.scratch('nan', type))
    }
  }

  private block(op: number, count: number): void {
    const { walk, out, operands, counter, exit } = this
    const { resume } = exit
    const enclosing = resume?.enclosing(walk.start)
    if (resume && enclosing) exit.closeGuard(resume)
    const takes = walk.blockParams.length + (op === OP.if ? 1 : 0)
    if (walk.height > takes) operands.flush()
    operands.take(takes)
    if (enclosing && op === OP.if) exit.choose(enclosing.isElse)
    counter.pending += count
    out.copy(walk.reader.bytes, walk.start, walk.reader.pos)
    walk.check()
    counter.enter(walk.depth - 1, op === OP.loop)
    if (resume && enclosing) {
      if (resume.isAt(SITE.loop, walk.start)) exit.reach(resume)
      else if (enclosing.isElse) resume.elseDepth = walk.depth
      else exit.openGuard(resume)
    }
    if (op !== OP.loop || !this.stops) return
    operands.flush()
    exit.look(exit.site(SITE.loop, this.steps.end, walk.height))
  }

  private else(): void {
    const { walk, out, operands, counter, exit } = this
    const frame = walk.depth - 1
    if (this.live) {
      operands.take(walk.innerResults.length)
      counter.pending++
      counter.settle(frame)
    }
    out.u8(OP.else)
    walk.check()
    operands.inLocals = walk.height - walk.innerParams.length
    counter.backToIf(frame)
    this.live = true
    const { resume } = exit
    if (resume?.elseDepth !== walk.depth) return
    resume.elseDepth = 0
    exit.openGuard(resume)
  }

  private end(): void {
    const { walk, out, operands, counter } = this
    const frame = walk.depth - 1
    const op = walk.frameOp[frame]!
    const results = walk.innerResults.length
    if (op === OP.if) counter.reachFromIf(frame)
    if (this.live) {
      operands.take(results)
      if (op !== OP.loop) counter.settle(frame)
    }
    if (op === OP.if && counter.backToIf(frame) !== 0) {
      out.u8(OP.else)
      counter.settle(frame)
    }
    out.u8(OP.end)
    walk.check()
    if (op !== OP.loop && counter.isReached(frame)) {
      this.live = true
      counter.atEnd(frame)
    }
    operands.inLocals = walk.height - results
    if (this.live || frame === 0) return
    // The block's results would be missing for what stands behind it.
    out.u8(OP.unreachable)
    this.deadDepth = walk.depth
  }

  private call(): void {
    const { walk, out, operands, counter, source } = this
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
    counter.pending++
    if (counted === COUNTED.byCallers) counter.pending += survey.stretch[callee]!
    else counter.push()
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
    this.counter.pending++
    this.counter.push()
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
    const { walk, operands, exit } = this
    this.counter.put(OP.localSet)
    if (!mayStop) return
    operands.flush()
    exit.look(exit.site(SITE.call, this.steps.end, walk.height, below))
    this.reachIfAt(SITE.call)
  }

  /** Where a function that goes on from a site comes to it. */
  private reachIfAt(kind: number): void {
    const { resume } = this.exit
    if (!resume?.isAt(kind, this.walk.start)) return
    this.exit.closeGuard(resume)
    this.exit.reach(resume)
  }

  /** The program ends here. */
  private stop(): void {
    this.operands.flush()
    this.exit.stop(this.exit.site(SITE.end, this.steps.start, this.walk.height))
  }

  private primitive(name: string): void {
    const { walk, out, operands } = this
    switch (name) {
      case 'input_length':
        this.counter.pending++
        this.long.writeInputLength(out)
        walk.check()
        return
      case 'halt':
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
    const { walk, out, operands, long, locals, counter, exit } = this
    const count = long.operandCount(walk)
    const [steps, rest] = [locals.scratch('steps', I64), locals.scratch('rest', I64)]
    const put = (op: number, local: number) => {
      out.u8(op)
      out.u32(local)
    }
    operands.flush()
    operands.get(walk.height - count, walk.height)
    long.writeSteps(out, walk)
    put(OP.localSet, steps)
    exit.pushSite(exit.site(SITE.long, this.steps.start, walk.height))
    counter.put(OP.localGet)
    put(OP.localGet, steps)
    out.u8(OP.i64Sub)
    put(OP.localTee, rest)
    exit.ifNegative()
    put(OP.localGet, rest)
    counter.put(OP.localSet)
    operands.get(walk.height - count, walk.height)
    operands.inLocals = walk.height - count
    long.writeInstruction(out, walk)
    walk.check()
  }

  private resultType(results: Uint8Array): void {
    const { out, target } = this
    if (results.length === 0) out.u8(EMPTY)
    else if (results.length === 1) out.u8(results[0]!)
    else out.signed(target.additions.typeIndex({ params: new Uint8Array(0), results }))
  }
}
