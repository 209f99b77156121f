/** Bytes that grow. Numbers are written as the shortest LEB128. */
export class Writer {
  bytes: Uint8Array
  length = 0

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity)
  }

  /** Keeps the buffer and starts again. */
  clear(): void {
    this.length = 0
  }

  u8(byte: number): void {
    if (this.length === this.bytes.length) this.grow(1)
    this.bytes[this.length++] = byte
  }

  /** Several bytes, such as a few opcodes. */
  put(...bytes: readonly number[]): void {
    for (const byte of bytes) this.u8(byte)
  }

  u32(value: number): void {
    let rest = value >>> 0
    while (rest >= 0x80) {
      this.u8((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.u8(rest)
  }

  /** Signed LEB128 of a safe integer, as `i32.const` and `i64.const` take it. */
  signed(value: number): void {
    let rest = value
    for (;;) {
      const byte = ((rest % 128) + 128) % 128
      rest = Math.floor(rest / 128)
      if ((rest === 0 && byte < 0x40) || (rest === -1 && byte >= 0x40)) {
        this.u8(byte)
        return
      }
      this.u8(byte | 0x80)
    }
  }

  name(text: string): void {
    const bytes = new TextEncoder().encode(text)
    this.u32(bytes.length)
    this.copy(bytes, 0, bytes.length)
  }

  /** Appends `source[from, to)`. */
  copy(source: Uint8Array, from: number, to: number): void {
    const count = to - from
    if (this.length + count > this.bytes.length) this.grow(count)
    // A call into the engine costs more than a few bytes by hand.
    if (count < 48) {
      const target = this.bytes
      let at = this.length
      for (let i = from; i < to; i++) target[at++] = source[i]!
    } else {
      this.bytes.set(source.subarray(from, to), this.length)
    }
    this.length += count
  }

  append(other: Writer): void {
    this.copy(other.bytes, 0, other.length)
  }

  /** A section: its id, its size, its content. */
  section(id: number, content: Writer): void {
    this.u8(id)
    this.u32(content.length)
    this.append(content)
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length)
  }

  private grow(count: number): void {
    const bytes = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count))
    bytes.set(this.bytes.subarray(0, this.length))
    this.bytes = bytes
  }
}
