/** Where and how the function that is compiled stops; and one that goes on from a site, how it gets there. */
import type { BodyValidator } from '../wasm/bodyValidator.ts'
import { F32, F64, FUNCREF, I32, I64, OP } from '../wasm/opcodes.ts'
import type { Writer } from '../wasm/writer.ts'
import type { Locals } from './locals.ts'
import type { OperandStack } from './operandStack.ts'
import { type Records, SLOT_BYTES } from './records.ts'
import { Resume } from './resume.ts'
import { SITE, type Site, type Sites } from './sites.ts'
import type { StepCounter } from './stepCounter.ts'

const EMPTY = 0x40

export interface StopParts {
  readonly walk: BodyValidator
  readonly out: Writer
  readonly operands: OperandStack
  readonly locals: Locals
  readonly counter: StepCounter
  readonly records: Records
  readonly sites: Sites
  /** Whether the steps left are kept where they can be read after a trap. */
  readonly isMarked: boolean
}

export class Stops {
  /** Of a function that goes on from a site. */
  resume: Resume | null = null
  private readonly parts: StopParts
  private functionIndex = 0
  private shape = 0

  constructor(parts: StopParts) {
    this.parts = parts
  }

  begin(functionIndex: number): void {
    this.resume = null
    this.functionIndex = functionIndex
    this.shape = functionIndex
  }

  /** @param at the address of what the frame holds */
  beginFrom(site: Site, at: number): void {
    this.resume = new Resume(site, at, this.parts.walk)
    this.functionIndex = site.functionIndex
    this.shape = this.parts.sites.shapes.length
  }

  /** A site. @param below operands under the arguments of the call that it stands behind */
  site(kind: number, pc: number, height: number, below = 0): number {
    const { functionIndex, shape } = this
    const { walk, operands, counter, sites } = this.parts
    const offset = kind === SITE.entry ? 0 : walk.start
    const place = { kind, functionIndex, shape, pc, offset, pending: counter.pending, height, below }
    return sites.add(place, (operand) => walk.localCount + operands.slotOf(operand))
  }

  /** Stops there. */
  stop(site: number): void {
    const { out, walk } = this.parts
    this.pushSite(site)
    out.u8(OP.br)
    out.u32(this.label(walk.depth))
  }

  /** Stops if no steps are left, or the function that was called stopped. */
  look(site: number): void {
    const { out, counter, records, isMarked } = this.parts
    this.pushSite(site)
    counter.put(OP.localGet)
    if (isMarked) {
      out.u8(OP.globalSet)
      out.u32(records.mark)
      counter.put(OP.localGet)
    }
    this.ifNegative()
  }

  pushSite(site: number): void {
    this.parts.out.u8(OP.i32Const)
    this.parts.out.signed(site)
  }

  /** Stops if a number is negative, with the site and it on the stack. */
  ifNegative(): void {
    const { out, walk } = this.parts
    out.put(OP.i64Const, 0, OP.i64LtS, OP.brIf)
    out.u32(this.label(walk.depth))
    out.u8(OP.drop)
  }

  /** In compiled code, of a label here. */
  label(label: number): number {
    return this.resume?.isBeyondGuard(label, this.parts.walk.depth) ? label + 1 : label
  }

  /** The end of `$stop`, with the site on the stack: writes the record and returns. */
  write(): void {
    const { out, walk, operands, locals, records, sites } = this.parts
    const { params, results } = walk.type
    out.u8(OP.end)
    const slots = [...locals.ofFrame(), ...operands.all()]
    sites.shapes[this.shape] = {
      params: params.length,
      locals: walk.localCount - params.length,
      results: results.length,
      types: Uint8Array.from(slots, ({ type }) => type),
    }
    records.write(out, slots, { left: locals.left, address: locals.scratch('address', I32) })
    for (const type of this.resume ? [] : results) writeZero(out, type)
    out.u8(OP.i64Const)
    out.signed(-1)
  }

  /** In a function that goes on from a site: puts its results where the frame was. */
  storeResults({ at }: Resume): void {
    const { out, walk, locals, records } = this.parts
    const results = [...walk.type.results].map((type, i) => ({
      type,
      local: locals.scratch(`result ${i}`, type),
    }))
    for (const { local } of results.toReversed()) {
      out.u8(OP.localSet)
      out.u32(local)
    }
    for (const [i, { type, local }] of results.entries()) {
      out.put(OP.i32Const, 0, OP.localGet)
      out.u32(local)
      records.writeBits(out, type)
      records.store(out, at + i * SLOT_BYTES)
    }
  }

  /** What comes now is passed over until the site was reached. */
  openGuard(resume: Resume): void {
    const { out, operands, walk } = this.parts
    operands.flush()
    out.put(OP.block, EMPTY)
    this.getReached()
    out.put(OP.i32Eqz, OP.brIf, 0)
    resume.guard = walk.depth
  }

  closeGuard(resume: Resume): void {
    this.parts.operands.flush()
    this.parts.out.u8(OP.end)
    resume.guard = null
  }

  /** In place of the condition on the stack: that of the arm where the site is, until it was reached. */
  choose(isElse: boolean): void {
    this.parts.out.put(OP.i32Const, isElse ? 0 : 1)
    this.getReached()
    this.parts.out.u8(OP.select)
  }

  /** The site: takes parameters, locals and operands, the first time. */
  reach(resume: Resume): void {
    const { out, operands, locals, records } = this.parts
    operands.flush()
    resume.isReached = true
    this.getReached()
    out.put(OP.i32Eqz, OP.if, EMPTY)
    const slots = [...locals.ofFrame(), ...operands.now()]
    for (const [i, { local, type }] of slots.entries()) {
      records.load(out, type, resume.at + i * SLOT_BYTES)
      out.u8(OP.localSet)
      out.u32(local)
    }
    out.put(OP.i32Const, 1, OP.localSet)
    out.u32(locals.scratch('reached', I32))
    out.u8(OP.end)
  }

  private getReached(): void {
    this.parts.out.u8(OP.localGet)
    this.parts.out.u32(this.parts.locals.scratch('reached', I32))
  }
}

function writeZero(out: Writer, type: number): void {
  if (type === F64) out.put(OP.f64Const, 0, 0, 0, 0, 0, 0, 0, 0)
  else if (type === F32) out.put(OP.f32Const, 0, 0, 0, 0)
  else if (type === FUNCREF) out.put(OP.refNull, FUNCREF)
  else out.put(type === I64 ? OP.i64Const : OP.i32Const, 0)
}
