import { F32, I32, I64, OP } from '../../src/wasm/opcodes.ts'
import { Writer } from '../../src/wasm/writer.ts'

/** Locals that the reference works in while it makes a NaN canonical. */
export interface Scratch {
  readonly f32: number
  readonly f64: number
}

/**
 * Writes one piece of code twice: as the module under test has it, and as the reference has it, where each float
 * operation is followed at once by what makes its NaN canonical. Nothing is shared with the pass but opcodes.
 */
export class Twin {
  readonly plain = new Writer()
  readonly reference = new Writer()

  put(...bytes: readonly number[]): void {
    this.plain.put(...bytes)
    this.reference.put(...bytes)
  }

  /** An instruction by its number in `opcodes.ts`. */
  op(op: number): void {
    if (op >= 0x100) this.put(0xfc)
    this.put(op & 0xff)
  }

  u32(value: number): void {
    this.plain.u32(value)
    this.reference.u32(value)
  }

  /** An instruction with one index. */
  indexed(op: number, index: number): void {
    this.op(op)
    this.u32(index)
  }

  i32(value: number): void {
    this.put(OP.i32Const)
    this.plain.signed(value | 0)
    this.reference.signed(value | 0)
  }

  i64(value: bigint): void {
    this.put(OP.i64Const)
    let rest = BigInt.asIntN(64, value)
    for (;;) {
      const byte = Number(rest & 0x7fn)
      rest >>= 7n
      const isLast = (rest === 0n && byte < 0x40) || (rest === -1n && byte >= 0x40)
      this.put(isLast ? byte : byte | 0x80)
      if (isLast) return
    }
  }

  /** A float constant by its bits. */
  bits(type: number, bits: bigint): void {
    const bytes = type === F32 ? 4 : 8
    this.put(type === F32 ? OP.f32Const : OP.f64Const)
    for (let i = 0; i < bytes; i++) this.put(Number((bits >> BigInt(8 * i)) & 0xffn))
  }

  /** In the reference alone: makes the float on top canonical if it is a NaN. */
  canonicalise(type: number, scratch: Scratch): void {
    const local = type === F32 ? scratch.f32 : scratch.f64
    const nan = type === F32 ? [OP.f32Const, 0, 0, 0xc0, 0x7f] : [OP.f64Const, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f]
    const out = this.reference
    out.u8(OP.localSet)
    out.u32(local)
    out.put(...nan)
    for (let i = 0; i < 3; i++) {
      out.u8(OP.localGet)
      out.u32(local)
    }
    // The opcodes of `ne` follow those of `eq`.
    out.put((type === F32 ? OP.f32Eq : OP.f64Eq) + 1, OP.select)
  }

  /** The zero of a type, null for a reference. */
  zero(type: number): void {
    if (type === I32) this.i32(0)
    else if (type === I64) this.i64(0n)
    else if (type === 0x70) this.put(OP.refNull, 0x70)
    else this.bits(type, 0n)
  }

  append(other: Twin): void {
    this.plain.append(other.plain)
    this.reference.append(other.reference)
  }

  /** Something with its size before it. */
  sized(other: Twin): void {
    this.plain.u32(other.plain.length)
    this.reference.u32(other.reference.length)
    this.append(other)
  }
}
