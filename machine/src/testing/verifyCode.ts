/**
 * Walks all code of a lowered program along every way that it can take, knowing of the stack only how high it is, and
 * says what is wrong with it. A check of the lowering from its other end: it knows no blocks and no labels.
 */
import { instructionAt, instructionOf } from '../isa/encoding.ts'
import { INSTRUCTIONS } from '../isa/instructions.ts'
import { printInstruction } from '../isa/print.ts'
import type { Lowered } from '../lower/lowered.ts'
import { ProgramReader } from '../lower/programReader.ts'
import { readSections, type Sections } from '../lower/sections.ts'

/** Instructions before the first body. */
const PRELUDE = 3

/** Of a number that is no instruction's. */
const NONE = { name: undefined, pops: 0, pushes: 0 }

/** What is wrong with the code, a line each. */
export function verifyCode(canonical: Uint8Array, lowered: Lowered): string[] {
  const sections = readSections(new ProgramReader(canonical))
  const walk = new Walk(sections, lowered)
  const imports = sections.primitives.length
  const own = lowered.functions.subarray(imports)
  const ends = [...own.subarray(1), lowered.code.length / 8]
  if (own[0] !== PRELUDE) walk.complain(0, `the first body begins at ${own[0]}`)
  for (let i = 0; i < own.length; i++) walk.function(imports + i, own[i]!, ends[i]!)
  return walk.complaints
}

class Walk {
  readonly complaints: string[] = []
  private readonly sections: Sections
  private readonly code: Uint8Array
  /** The same, two words an instruction. */
  private readonly words: Uint32Array
  private readonly byPlace = new Map<number, number>()
  /** Slots over fp, by pc; 0 where nothing led yet. */
  private readonly heights: Int32Array
  private readonly todo: number[] = []
  private end = 0
  private start = 0
  private params = 0
  private results = 0
  /** Slots of a frame below its operands. */
  private floor = 0

  constructor(sections: Sections, { code, functions }: Lowered) {
    this.sections = sections
    this.code = code
    this.words = new Uint32Array(code.buffer, code.byteOffset, code.length / 4)
    this.heights = new Int32Array(code.length / 8)
    for (const [index, place] of functions.entries()) if (place !== 0) this.byPlace.set(place, index)
  }

  complain(pc: number, what: string): void {
    if (this.complaints.length < 20) {
      this.complaints.push(`${pc}: ${printInstruction(instructionAt(this.code, pc))}: ${what}`)
    }
  }

  function(index: number, start: number, end: number): void {
    const type = this.sections.functionTypes[index]!
    this.params = this.sections.paramCounts[type]!
    this.results = this.sections.resultCounts[type]!
    this.start = start
    this.end = end
    this.floor = this.params + 1
    this.reach(start, this.floor)
    for (let pc = this.todo.pop(); pc !== undefined; pc = this.todo.pop()) this.step(pc)
    for (let pc = start; pc < end; pc++) if (this.heights[pc] === 0) this.complain(pc, 'nothing leads here')
  }

  /** Notes with what height something leads to a place. */
  private reach(pc: number, height: number, from = pc): void {
    if (pc < this.start || pc >= this.end) {
      this.complain(from, `leads to ${pc}, out of the body`)
      return
    }
    const known = this.heights[pc]!
    if (known === 0) {
      this.heights[pc] = height
      this.todo.push(pc)
      return
    }
    // A return asks for nothing but its results.
    const { name } = this.at(pc)
    const enough = this.floor + this.results
    if (name === 'return' || name === 'return_one' ? height < enough : height !== known) {
      this.complain(pc, `reached with ${known} slots and, from ${from}, with ${height}`)
    }
  }

  private at(pc: number) {
    const low = this.words[2 * pc] ?? 0
    const { name, pops, pushes } = instructionOf(low & 0xff) ?? NONE
    return { name, pops, pushes, a: low >>> 8, b: this.words[2 * pc + 1] ?? 0 }
  }

  private step(pc: number): void {
    const { sections } = this
    const height = this.heights[pc]!
    const { name, a, b, pops, pushes } = this.at(pc)
    let next = height - pops + pushes
    let goesOn = true
    if (height - pops < this.floor && name !== 'return_link')
      this.complain(pc, `pops below the operands, from ${height}`)
    switch (name) {
      case undefined:
        this.complain(pc, 'is no instruction')
        return
      case 'unreachable':
        return
      case 'br':
        goesOn = false
        this.reach(b, next, pc)
        break
      case 'br_if':
      case 'br_unless':
        this.reach(b, next, pc)
        break
      case 'br_table':
        goesOn = false
        for (let i = 1; i <= b + 1; i++) {
          if (this.at(pc + i).name !== 'br') this.complain(pc, `entry ${i} is no br`)
          this.reach(pc + i, next, pc)
        }
        break
      case 'return':
      case 'return_one':
        if (b !== this.params) this.complain(pc, `the function has ${this.params} parameters`)
        if (this.results !== (name === 'return' ? 0 : 1)) this.complain(pc, `it gives ${this.results}`)
        if (height < this.floor + this.results) this.complain(pc, `only ${height} slots`)
        return
      case 'return_link':
        if (height !== this.results + 1)
          this.complain(pc, `${height} slots for ${this.results} results and the link`)
        return
      case 'enter':
        if (pc !== this.start) this.complain(pc, 'in the middle')
        this.floor += b
        next += b
        break
      case 'slide': {
        next -= b
        const leaves = this.at(pc + 1).name === 'return_link'
        if (a + b > height - (leaves ? 0 : this.floor)) this.complain(pc, `slides too far, from ${height}`)
        if (leaves) this.floor = Math.min(this.floor, this.params + 1)
        break
      }
      case 'local.get':
      case 'local.set':
      case 'local.tee': {
        const isLink = b === this.params
        const toReturn = name === 'local.get' && this.at(pc + 2).name === 'return_link'
        if (isLink !== toReturn) this.complain(pc, 'touches the link')
        if (b >= this.floor) this.complain(pc, `there are ${this.floor} slots below the operands`)
        break
      }
      case 'call': {
        const type = sections.functionTypes[this.byPlace.get(b) ?? -1]
        if (type === undefined) this.complain(pc, 'no function begins there')
        else next = this.afterCall(pc, height, type, a)
        break
      }
      case 'call_indirect': {
        const type = b & 0xffffff
        if (sections.firstEqual[type] !== type) this.complain(pc, 'there is an equal type before it')
        if (b >>> 24 >= sections.tables.length) this.complain(pc, 'there is no such table')
        next = this.afterCall(pc, height - 1, type, a)
        break
      }
      case 'const.low':
        if (this.at(pc - 1).name !== 'const.high') this.complain(pc, 'stands alone')
        break
    }
    if (goesOn) this.reach(pc + 1, next, pc)
  }

  private afterCall(pc: number, height: number, type: number, params: number): number {
    const { paramCounts, resultCounts } = this.sections
    if (paramCounts[type] !== params) this.complain(pc, `${paramCounts[type]} parameters are declared`)
    if (height - params < this.floor) this.complain(pc, `pops below the operands, from ${height}`)
    return height - params + resultCounts[type]!
  }
}

/** Instructions that no program's code uses: what the suite and the examples are expected to cover is the rest. */
export function unusedNames(codes: Iterable<Uint8Array>): string[] {
  const seen = new Uint8Array(256)
  for (const code of codes) for (let at = 0; at < code.length; at += 8) seen[code[at]!] = 1
  return INSTRUCTIONS.filter(({ opcode }) => !seen[opcode]).map(({ name }) => name)
}
