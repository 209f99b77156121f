/** Random code of one function: whatever the binary format can say, typed, and sure to end. */

import type { Dice } from '../../src/random/dice.ts'
import { F32, F64, FUNCREF, I32, I64, NAME, OP, OPERANDS } from '../../src/wasm/opcodes.ts'
import { call, callFor, callIndirect } from './calls.ts'
import { dead, trap } from './endings.ts'
import {
  ARITHMETIC,
  DIVISION,
  INTERESTING,
  LOADS,
  PLAIN,
  STORES,
  saturating,
  TRAPPING_TRUNCATION,
} from './operations.ts'
import { bulkMemory, getElement, sizes, tables } from './storage.ts'
import {
  ADDRESS_MASK,
  type Body,
  BUDGET,
  DEPTH,
  type Signature,
  type Surroundings,
  TYPES,
} from './surroundings.ts'
import { tightLoop } from './tightLoops.ts'
import { Twin } from './twin.ts'

const MAX_DEPTH = 30

const EMPTY = 0x40
const LOOP_COUNTERS = 3
const ELEMENT_MASK = 7

interface Label {
  /** What a branch there takes along. */
  readonly types: readonly number[]
  readonly isLoop: boolean
  /** Nothing but its own end may branch there. */
  readonly isClosed?: boolean
}

/** A leaf calls nothing and has loops that count only; the others check budget and depth. */
export type Kind = 'leaf' | 'guarded'

export class BodyGenerator implements Body {
  readonly dice: Dice
  readonly around: Surroundings
  private readonly signature: Signature
  private readonly kind: Kind
  readonly code = new Twin()
  private readonly locals: number[]
  private readonly firstCounter: number
  private readonly labels: Label[] = []
  private counting = 0
  /** Nodes that may still be made. */
  private size: number

  constructor(dice: Dice, around: Surroundings, signature: Signature, kind: Kind, size: number) {
    this.dice = dice
    this.around = around
    this.signature = signature
    this.kind = kind
    this.size = size
    const random = Array.from({ length: dice.below(6) }, () => dice.pick(around.favourites))
    this.locals = [...signature.params, ...TYPES, ...random]
    this.firstCounter = this.locals.length
  }

  /** Locals and code, as an entry of the code section without its size. */
  write(): Twin {
    const entry = new Twin()
    const own = this.locals.slice(this.signature.params.length)
    const counters = new Array<number>(LOOP_COUNTERS).fill(I32)
    const all = [...own, ...counters, F32, F64]
    entry.u32(all.length)
    for (const type of all) entry.put(1, type)

    this.labels.push({ types: this.signature.results, isLoop: false })
    if (this.kind === 'guarded') this.prologue()
    this.statements(1 + this.dice.below(5), 4)
    for (const type of this.signature.results) this.expression(type, 4)
    this.code.put(OP.end)
    entry.append(this.code)
    return entry
  }

  private prologue(): void {
    const { code } = this
    this.spend()
    code.indexed(OP.globalGet, DEPTH)
    code.i32(MAX_DEPTH)
    code.put(OP.i32LtS)
    code.indexed(OP.globalGet, BUDGET)
    code.i32(0)
    // i32.gt_s, i32.and
    code.put(0x4a, 0x71, OP.i32Eqz, OP.if, EMPTY)
    for (const type of this.signature.results) code.zero(type)
    code.put(OP.return, OP.end)
  }

  private spend(): void {
    const { code } = this
    code.indexed(OP.globalGet, BUDGET)
    code.i32(1)
    code.put(OP.i32Sub)
    code.indexed(OP.globalSet, BUDGET)
  }

  private statements(count: number, depth: number): void {
    for (let i = 0; i < count; i++) this.statement(depth)
  }

  private statement(depth: number): void {
    const { dice, code } = this
    if (depth <= 0 || --this.size <= 0) {
      code.put(OP.nop)
      return
    }
    const next = depth - 1
    dice.choose([
      [16, () => this.assign(next)],
      [12, () => this.store(next)],
      [6, () => this.setGlobal(next)],
      [8, () => this.conditional([], next)],
      [8, () => this.countedLoop(next)],
      [4, () => this.tightLoop()],
      [this.kind === 'leaf' ? 0 : 6, () => this.openLoop(next)],
      [5, () => this.switch(next)],
      [8, () => this.multiValueBlock(next)],
      [5, () => this.branchIf(next)],
      [1, () => this.branch(next)],
      [2, () => this.branchTable(next)],
      [this.kind === 'leaf' ? 0 : 10, () => this.keep(call(this, next))],
      [this.kind === 'leaf' ? 0 : 2, () => this.keep(callIndirect(this, next))],
      [4, () => bulkMemory(this, next)],
      [4, () => tables(this, next)],
      [0.2, () => trap(this, next)],
      [3, () => this.keep([this.expressionOf(dice.pick(TYPES), next)])],
      [2, () => code.put(OP.nop)],
    ])
  }

  /** One value of the type. */
  expression(type: number, depth: number): void {
    const { dice } = this
    if (depth <= 0 || --this.size <= 0) {
      this.leaf(type)
      return
    }
    const next = depth - 1
    const isNumber = type !== FUNCREF
    dice.choose([
      [12, () => this.leaf(type)],
      [isNumber ? 40 : 0, () => this.operation(type, next)],
      [isNumber ? 12 : 0, () => this.load(type, next)],
      [isNumber ? 0 : 12, () => getElement(this, next)],
      [6, () => this.blockOf(type, next)],
      [6, () => this.conditional([type], next)],
      [6, () => this.selection(type, next)],
      [6, () => this.tee(type, next)],
      [this.kind === 'leaf' ? 0 : 6, () => callFor(this, type, next)],
      [type === I32 ? 3 : 0, () => sizes(this, next)],
    ])
  }

  private expressionOf(type: number, depth: number): number {
    this.expression(type, depth)
    return type
  }

  leaf(type: number): void {
    const { dice, code } = this
    const globals = this.around.globals.flatMap((global, i) => (global.type === type ? [i] : []))
    if (dice.chance(0.45)) {
      code.indexed(OP.localGet, this.local(type))
      return
    }
    if (dice.chance(0.3) && globals.length > 0) {
      code.indexed(OP.globalGet, dice.pick(globals))
      return
    }
    if (type === FUNCREF) {
      if (dice.chance(0.4)) {
        code.put(OP.refNull, FUNCREF)
        return
      }
      code.indexed(OP.refFunc, dice.pick(this.around.callable).index)
      return
    }
    const bits = dice.chance(0.6)
      ? dice.pick(INTERESTING[type]!)
      : dice.bits(type === I32 || type === F32 ? 32 : 64)
    if (type === I32) code.i32(Number(BigInt.asIntN(32, bits)))
    else if (type === I64) code.i64(bits)
    else code.bits(type, bits)
  }

  local(type: number): number {
    return this.dice.pick(this.locals.flatMap((own, i) => (own === type ? [i] : [])))
  }

  private operation(type: number, depth: number): void {
    const { dice, code } = this
    let op = dice.pick(PLAIN.get(type)!)
    // The saturating conversions are in the order of those that trap.
    if (TRAPPING_TRUNCATION.test(NAME[op]!) && dice.chance(0.9)) op = saturating(op)
    for (const operand of OPERANDS[op]!) this.expression(operand, depth)
    if (DIVISION.test(NAME[op]!) && dice.chance(0.9)) {
      // Never by zero then; i32.or and i64.or.
      if (type === I32) code.i32(1)
      else code.i64(1n)
      code.put(type === I32 ? 0x72 : 0x84)
    }
    code.op(op)
    if (ARITHMETIC.test(NAME[op]!)) this.canonicalise(type)
  }

  canonicalise(type: number): void {
    const f32 = this.firstCounter + LOOP_COUNTERS
    this.code.canonicalise(type, { f32, f64: f32 + 1 })
  }

  private load(type: number, depth: number): void {
    this.address(depth)
    this.access(this.dice.pick(LOADS.get(type)!))
  }

  private store(depth: number): void {
    const favourites = STORES.filter((op) => this.around.favourites.includes(OPERANDS[op]![1]!))
    const op = this.dice.pick(favourites)
    this.address(depth)
    this.expression(OPERANDS[op]![1]!, depth)
    this.access(op)
  }

  private access(op: number): void {
    this.code.put(op, 0)
    this.code.u32(this.dice.chance(0.004) ? 0xffff_0000 : this.dice.below(64))
  }

  address(depth: number): void {
    this.expression(I32, depth)
    if (!this.dice.chance(0.006)) this.mask(ADDRESS_MASK)
  }

  mask(mask: number): void {
    this.code.i32(mask)
    // i32.and
    this.code.put(0x71)
  }

  index(depth: number): void {
    this.expression(I32, depth)
    if (!this.dice.chance(0.02)) this.mask(ELEMENT_MASK)
  }

  private assign(depth: number): void {
    const type = this.dice.pick(this.around.favourites)
    this.expression(type, depth)
    this.code.indexed(OP.localSet, this.local(type))
  }

  private tee(type: number, depth: number): void {
    this.expression(type, depth)
    this.code.indexed(OP.localTee, this.local(type))
  }

  private setGlobal(depth: number): void {
    const open = this.around.globals.flatMap(({ mutable }, i) => (mutable && i > BUDGET ? [i] : []))
    const global = this.dice.pick(open)
    this.expression(this.around.globals[global]!.type, depth)
    this.code.indexed(OP.globalSet, global)
  }

  private selection(type: number, depth: number): void {
    this.expression(type, depth)
    this.expression(type, depth)
    this.expression(I32, depth)
    if (type === FUNCREF || this.dice.chance(0.3)) this.code.put(OP.selectTyped, 1, type)
    else this.code.put(OP.select)
  }

  /** A block whose value may come by a branch out of its middle. */
  private blockOf(type: number, depth: number): void {
    const { code } = this
    code.put(OP.block, type)
    this.labels.push({ types: [type], isLoop: false })
    this.statements(this.dice.below(2), depth)
    if (this.dice.chance(0.6)) {
      this.expression(type, depth)
      this.expression(I32, depth)
      code.indexed(OP.brIf, 0)
      code.put(OP.drop)
    }
    this.expression(type, depth)
    this.labels.pop()
    code.put(OP.end)
  }

  private conditional(types: readonly number[], depth: number): void {
    const { code } = this
    this.expression(I32, depth)
    code.put(OP.if, types[0] ?? EMPTY)
    this.labels.push({ types, isLoop: false })
    this.statements(this.dice.below(3), depth)
    for (const type of types) this.expression(type, depth)
    if (types.length > 0 || this.dice.chance(0.6)) {
      code.put(OP.else)
      this.statements(this.dice.below(2), depth)
      for (const type of types) this.expression(type, depth)
    }
    this.labels.pop()
    code.put(OP.end)
  }

  /** A loop around a local that nothing else writes: what a compiler makes of `for`. */
  private countedLoop(depth: number): void {
    if (this.counting === LOOP_COUNTERS) {
      this.assign(depth)
      return
    }
    const { code } = this
    const counter = this.firstCounter + this.counting++
    code.i32(1 + this.dice.below(6))
    code.indexed(OP.localSet, counter)
    code.put(OP.loop, EMPTY)
    // Other branches there would not count.
    this.labels.push({ types: [], isLoop: true, isClosed: true })
    this.statements(1 + this.dice.below(3), depth)
    code.indexed(OP.localGet, counter)
    code.i32(1)
    code.put(OP.i32Sub)
    code.indexed(OP.localTee, counter)
    code.indexed(OP.brIf, 0)
    this.labels.pop()
    code.put(OP.end)
    this.counting--
  }

  private tightLoop(): void {
    if (this.counting < LOOP_COUNTERS) tightLoop(this, this.firstCounter + this.counting)
  }

  /** A loop with parameters and any number of ways back, each of which spends. */
  private openLoop(depth: number): void {
    const { code, dice } = this
    const types = this.types(2)
    for (const type of types) this.expression(type, depth)
    this.blockType(OP.loop, types, types)
    this.labels.push({ types, isLoop: true })
    this.keep(types)
    this.statements(1 + dice.below(3), depth)
    for (const type of types) this.expression(type, depth)
    this.spend()
    this.expression(I32, depth)
    code.indexed(OP.globalGet, BUDGET)
    code.i32(0)
    // i32.gt_s, i32.and
    code.put(0x4a, 0x71)
    code.indexed(OP.brIf, 0)
    this.labels.pop()
    code.put(OP.end)
    this.keep(types)
  }

  private multiValueBlock(depth: number): void {
    const { code, dice } = this
    const [params, results] = [this.types(3), this.types(3)]
    for (const type of params) this.expression(type, depth)
    const isIf = dice.chance(0.3)
    if (isIf) this.expression(I32, depth)
    this.blockType(isIf ? OP.if : OP.block, params, results)
    this.labels.push({ types: results, isLoop: false })
    this.keep(params)
    this.statements(dice.below(3), depth)
    for (const type of results) this.expression(type, depth)
    if (dice.chance(0.5)) {
      this.expression(I32, depth)
      code.indexed(OP.brIf, 0)
    }
    if (isIf) {
      code.put(OP.else)
      this.keep(params)
      for (const type of results) this.expression(type, depth)
    }
    this.labels.pop()
    code.put(OP.end)
    this.keep(results)
  }

  private types(most: number): number[] {
    return Array.from({ length: this.dice.below(most + 1) }, () => this.dice.pick(this.around.favourites))
  }

  private blockType(op: number, params: readonly number[], results: readonly number[]): void {
    this.code.put(op)
    // A type index is a signed number; there are fewer than 64 of two bytes.
    const index = this.around.typeIndex(params, results)
    this.code.put((index & 0x7f) | 0x80, index >> 7)
  }

  /** Takes values off the stack into locals, or drops them. */
  keep(types: readonly number[]): void {
    for (const type of [...types].reverse()) {
      if (this.dice.chance(0.7)) this.code.indexed(OP.localSet, this.local(type))
      else this.code.put(OP.drop)
    }
  }

  /** Blocks within blocks and a br_table into them. */
  private switch(depth: number): void {
    const { code, dice } = this
    const cases = 1 + dice.below(4)
    for (let i = 0; i < cases; i++) {
      code.put(OP.block, EMPTY)
      this.labels.push({ types: [], isLoop: false })
    }
    this.expression(I32, depth)
    if (dice.chance(0.7)) this.mask(ELEMENT_MASK)
    const count = dice.below(8)
    code.put(OP.brTable)
    code.u32(count)
    for (let i = 0; i <= count; i++) code.u32(dice.below(cases))
    for (let i = 0; i < cases; i++) {
      code.put(OP.end)
      this.labels.pop()
      this.statements(dice.below(3), depth)
    }
  }

  private targets(types: readonly number[] | null, withLoops: boolean): number[] {
    return this.labels.flatMap((label, i) => {
      const fits = types === null || same(label.types, types)
      const isOpen = !label.isClosed && (withLoops || !label.isLoop)
      return fits && isOpen ? [this.labels.length - 1 - i] : []
    })
  }

  private branchIf(depth: number): void {
    const { code } = this
    const target = this.dice.pick(this.targets(null, this.kind === 'guarded'))
    const { types, isLoop } = this.labels[this.labels.length - 1 - target]!
    for (const type of types) this.expression(type, depth)
    this.expression(I32, depth)
    if (isLoop) {
      this.spend()
      code.indexed(OP.globalGet, BUDGET)
      code.i32(0)
      code.put(0x4a, 0x71)
    }
    code.indexed(OP.brIf, target)
    this.keep(types)
  }

  /** Leaves for good; what follows in the block is dead, and there is some of it. */
  private branch(depth: number): void {
    const { code, dice } = this
    const target = dice.pick(this.targets(null, false))
    const { types } = this.labels[this.labels.length - 1 - target]!
    for (const type of types) this.expression(type, depth)
    if (target === this.labels.length - 1 && dice.chance(0.5)) code.put(OP.return)
    else code.indexed(OP.br, target)
    dead(this)
  }

  private branchTable(depth: number): void {
    const { code, dice } = this
    const first = dice.pick(this.targets(null, false))
    const { types } = this.labels[this.labels.length - 1 - first]!
    const targets = this.targets(types, false)
    for (const type of types) this.expression(type, depth)
    this.expression(I32, depth)
    code.put(OP.brTable)
    const count = dice.below(5)
    code.u32(count)
    for (let i = 0; i <= count; i++) code.u32(dice.pick(targets))
    dead(this)
  }
}

const same = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((type, i) => type === b[i])
