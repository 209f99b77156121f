import { ModuleRefusedError } from '../wasm/error.ts'
import { Reader } from '../wasm/reader.ts'

const REMEDY = 'Give a canonical program as this version of the machine makes it.'

/** A cursor over a canonical program, whose numbers are wanted and not only their form. */
export class ProgramReader extends Reader {
  /** The two halves of what `s64` read. */
  low = 0
  high = 0

  override refuse(reason: string, offset = this.pos, remedy = REMEDY): never {
    throw new ModuleRefusedError(this.section, offset, reason, remedy)
  }

  /** Signed LEB128 of 64 bits, into `low` and `high`. */
  s64(): void {
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.u8()
      const bits = byte & 0x7f
      if (shift < 32) low |= bits << shift
      // The fifth byte lies in both.
      if (shift === 28) high = bits >>> 4
      else if (shift > 28) high |= bits << (shift - 32)
      if (byte >= 0x80) continue
      if (byte & 0x40 && shift < 63) {
        if (shift < 28) {
          low |= -1 << (shift + 7)
          high = -1
        } else high |= -1 << (shift - 25)
      }
      this.low = low
      this.high = high
      return
    }
    this.refuse('a number (LEB128) takes more bytes than its type allows')
  }

  /** Four bytes as they stand. */
  word(): number {
    const at = this.pos
    this.skip(4)
    const { bytes } = this
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
  }
}
