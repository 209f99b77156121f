/** How many steps the lowered code of one WebAssembly instruction takes, read from that code. */
import { OPCODE } from '../isa/opcode.gen.ts'

const LEAVES = new Set<number>([OPCODE.br, OPCODE.return, OPCODE.return_one, OPCODE.return_link])

export class StepReader {
  /** Where the lowered code of the present instruction begins and ends. */
  start = 0
  end = 0
  private readonly words: Uint32Array
  private readonly map: Uint32Array

  constructor(code: Uint8Array, map: Uint32Array) {
    this.words = new Uint32Array(code.buffer, code.byteOffset, code.length / 4)
    this.map = map
  }

  begin(pc: number): void {
    this.start = pc
    this.end = pc
  }

  /** Goes on to the code of the instruction at that offset of the program. @returns how many instructions it is */
  advance(offset: number): number {
    const { map } = this
    let pc = this.end
    while (pc < map.length && map[pc]! < offset) pc++
    this.start = pc
    while (pc < map.length && map[pc] === offset) pc++
    this.end = pc
    return pc - this.start
  }

  opcode(pc: number): number {
    return this.words[2 * pc]! & 0xff
  }

  target(pc: number): number {
    return this.words[2 * pc + 1]!
  }

  /** Steps from a place to behind the jump that leaves it. */
  untilLeft(from: number): number {
    let steps = 0
    for (let pc = from; ; pc++) {
      const opcode = this.opcode(pc)
      steps += opcode === OPCODE.slide ? Math.max(1, this.words[2 * pc]! >>> 8) : 1
      if (LEAVES.has(opcode)) return steps
    }
  }
}

/** Steps of a function's return, with so many results: what lowering writes for it is always as long. */
export function returnSteps(results: number): number {
  return results > 1 ? results + 3 : 1
}
