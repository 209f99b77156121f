import { OPCODE } from '../isa/opcode.gen.ts'
import { DEPTH } from '../state/state.ts'
import type { ProgramReader } from './programReader.ts'

/** Instructions that the code region holds. */
const MOST_INSTRUCTIONS = 2 ** (DEPTH.code + 2)

/**
 * Code that grows, two words an instruction. A jump to a place that is not known yet holds, where its target will be,
 * the jump before it to the same place (0 behind the last): so the open jumps of a label need no memory of their own.
 */
export class CodeWriter {
  /** Where the next instruction goes. */
  pc = 0
  /** Offset in the program of what is being lowered, for the map. */
  origin = 0
  private words: Uint32Array<ArrayBuffer>
  private map: Uint32Array<ArrayBuffer> | null
  private readonly reader: ProgramReader

  constructor(reader: ProgramReader, capacity: number, wantsMap: boolean) {
    this.reader = reader
    this.words = new Uint32Array(2 * capacity)
    this.map = wantsMap ? new Uint32Array(capacity) : null
  }

  /** @param low the opcode and what is in bits 8 to 31 @param high bits 32 to 63 */
  emit(low: number, high: number): void {
    const at = 2 * this.pc
    if (at === this.words.length) this.grow()
    this.words[at] = low
    this.words[at + 1] = high
    if (this.map) this.map[this.pc] = this.origin
    this.pc++
  }

  /** A signed number of 56 bits, given as the lower 32 and the rest. */
  emitConst(low: number, high: number): void {
    this.emit(OPCODE.const | (low << 8), (high << 8) | (low >>> 24))
  }

  highAt(pc: number): number {
    return this.words[2 * pc + 1]!
  }

  setHigh(pc: number, high: number): void {
    this.words[2 * pc + 1] = high
  }

  /** Makes the chain of jumps that ends with `last` lead to the next instruction. */
  close(last: number): void {
    const { words, pc } = this
    for (let at = last; at !== 0; ) {
      const before = words[2 * at + 1]!
      words[2 * at + 1] = pc
      at = before
    }
  }

  /** Likewise a chain of calls and of references to a function, of the given type, which begins here. */
  closeFunction(last: number, type: number): void {
    const { words, pc } = this
    for (let at = last; at !== 0; ) {
      const before = words[2 * at + 1]!
      if ((words[2 * at]! & 0xff) === OPCODE.call) words[2 * at + 1] = pc
      else {
        words[2 * at] = OPCODE.const | (pc << 8)
        words[2 * at + 1] = (type << 8) | (pc >>> 24)
      }
      at = before
    }
  }

  /** The code as bytes, and the map. */
  finish(): { code: Uint8Array; map: Uint32Array | null } {
    const words = this.words.slice(0, 2 * this.pc)
    return { code: new Uint8Array(words.buffer), map: this.map?.slice(0, this.pc) ?? null }
  }

  private grow(): void {
    const capacity = Math.ceil(this.pc * 1.5) + 16
    if (this.pc >= MOST_INSTRUCTIONS) this.reader.refuse(`it has more than ${MOST_INSTRUCTIONS} instructions`)
    const words = new Uint32Array(2 * capacity)
    words.set(this.words)
    this.words = words
    if (!this.map) return
    const map = new Uint32Array(capacity)
    map.set(this.map)
    this.map = map
  }
}
