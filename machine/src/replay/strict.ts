import { F32, OP } from '../wasm/opcodes.ts'
import type { Writer } from '../wasm/writer.ts'

/** 1 for instructions whose result, if it is NaN, is the canonical one: rounding, arithmetic, conversion. */
export const MAKES_NAN = new Uint8Array(0x112)
MAKES_NAN.fill(1, 0x8d, 0x98)
MAKES_NAN.fill(1, 0x9b, 0xa6)
MAKES_NAN[0xb6] = 1
MAKES_NAN[0xbb] = 1

const CANONICAL_F32 = [OP.f32Const, 0x00, 0x00, 0xc0, 0x7f]
const CANONICAL_F64 = [OP.f64Const, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f]

/** Makes a NaN on the stack canonical, with a local of its type to work in. */
export function writeCanonical(code: Writer, type: number, local: number): void {
  code.u8(OP.localTee)
  code.u32(local)
  code.put(...(type === F32 ? CANONICAL_F32 : CANONICAL_F64))
  for (let i = 0; i < 2; i++) {
    code.u8(OP.localGet)
    code.u32(local)
  }
  code.put(type === F32 ? OP.f32Eq : OP.f64Eq, OP.select)
}
