import { FEATURE_REMEDY, ModuleRefusedError } from './error.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A cursor over the module that refuses what the binary format does not allow. */
export class Reader {
  readonly bytes: Uint8Array
  pos: number
  end: number
  /** Where the cursor is, for errors. */
  section = 'module'

  constructor(bytes: Uint8Array, pos = 0, end = bytes.length) {
    this.bytes = bytes
    this.pos = pos
    this.end = end
  }

  refuse(reason: string, offset = this.pos, remedy?: string): never {
    throw new ModuleRefusedError(this.section, offset, reason, remedy)
  }

  refuseFeature(feature: string, offset = this.pos): never {
    this.refuse(`it uses ${feature}, which the machine does not support`, offset, FEATURE_REMEDY)
  }

  u8(): number {
    if (this.pos >= this.end) this.truncated()
    return this.bytes[this.pos++]!
  }

  /** Unsigned LEB128 of at most 32 bits: at most 5 bytes, no bits beyond. */
  u32(): number {
    if (this.pos < this.end) {
      const first = this.bytes[this.pos]!
      if (first < 0x80) {
        this.pos++
        return first
      }
    }
    const start = this.pos
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.u8()
      if (shift === 28 && byte > 0x0f) this.badNumber(start, byte)
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
  }

  s32(): number {
    const start = this.pos
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.u8()
      if (shift === 28) {
        const high = byte & 0x78
        if (byte >= 0x80 || (high !== 0 && high !== 0x78)) this.badNumber(start, byte)
        return value | (byte << 28)
      }
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value << (25 - shift)) >> (25 - shift)
    }
  }

  /** Signed LEB128 of 33 bits, as block types are written. */
  s33(): number {
    const start = this.pos
    let value = 0
    for (let shift = 0, unit = 1; ; shift += 7, unit *= 128) {
      const byte = this.u8()
      if (shift === 28) {
        const high = byte & 0x70
        if (byte >= 0x80 || (high !== 0 && high !== 0x70)) this.badNumber(start, byte)
      }
      value += (byte & 0x7f) * unit
      if (byte < 0x80) return byte & 0x40 ? value - unit * 128 : value
    }
  }

  /** Passes over a signed LEB128 of 64 bits. Its value is never needed, its form is checked. */
  skipS64(): void {
    const start = this.pos
    for (let i = 0; i < 9; i++) if (this.u8() < 0x80) return
    const last = this.u8()
    if (last !== 0 && last !== 0x7f) this.badNumber(start, last)
  }

  skip(count: number): void {
    if (count > this.end - this.pos) this.truncated()
    this.pos += count
  }

  /** How many entries follow: each takes a byte or more, so a count beyond the bytes left is a lie. */
  count(what: string, limit: number): number {
    const start = this.pos
    const count = this.u32()
    if (count > limit) this.refuse(`it has ${count} ${what}; at most ${limit} are allowed`, start)
    if (count > this.end - this.pos) {
      this.refuse(`${count} ${what} are declared, more than the bytes that follow could hold`, start)
    }
    return count
  }

  name(): string {
    const start = this.pos
    const length = this.u32()
    this.skip(length)
    try {
      return utf8.decode(this.bytes.subarray(this.pos - length, this.pos))
    } catch {
      this.refuse('a name is not valid UTF-8', start)
    }
  }

  truncated(): never {
    if (this.end === this.bytes.length) this.refuse('the file is truncated: more bytes were expected')
    this.refuse('the section or function body ends too early')
  }

  private badNumber(start: number, last: number): never {
    if (last >= 0x80) this.refuse('a number (LEB128) takes more bytes than its type allows', start)
    this.refuse('a number (LEB128) is too large for its type', start)
  }
}
