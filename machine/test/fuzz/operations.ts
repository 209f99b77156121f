/** The instructions to choose from, and constants that are more than random bits. */
import { F32, F64, I32, I64, IMM, IMMEDIATE, OP_COUNT, RESULT } from '../../src/wasm/opcodes.ts'
import { TYPES } from './surroundings.ts'

/** What gives a NaN of bits that an engine may choose. */
export const ARITHMETIC =
  /^f(32|64)\.(add|sub|mul|div|min|max|sqrt|ceil|floor|trunc|nearest|demote_f64|promote_f32)$/
export const DIVISION = /\.(div|rem)_[su]$/
export const TRAPPING_TRUNCATION = /^i(32|64)\.trunc_f/

/** Instructions by what they give, taken from the machine's own table; V8 judges whether that is right. */
const withResult = (type: number, imm: number) =>
  Array.from({ length: OP_COUNT }, (_, op) => op).filter((op) => RESULT[op] === type && IMMEDIATE[op] === imm)
export const PLAIN = new Map(TYPES.map((type) => [type, withResult(type, IMM.none)]))
export const LOADS = new Map(TYPES.map((type) => [type, withResult(type, IMM.memarg)]))
export const STORES = Array.from({ length: OP_COUNT }, (_, op) => op).filter(
  (op) => IMMEDIATE[op] === IMM.memarg && RESULT[op] === 0,
)
/** Of two floats one: `add` to `max`. */
export const BINARY_ARITHMETIC = new Map([
  [F32, [0x92, 0x93, 0x94, 0x95, 0x96, 0x97]],
  [F64, [0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5]],
])

export const INTERESTING: Readonly<Record<number, readonly bigint[]>> = {
  [I32]: [0n, 1n, -1n, 2n, 31n, 0x7fffffffn, -0x80000000n, 0xffffn, 255n],
  [I64]: [0n, 1n, -1n, 63n, 0x7fffffffffffffffn, -0x8000000000000000n, 0xffffffffn, 0x7ff4dead0000beefn],
  [F32]: [
    0n,
    0x80000000n,
    0x3f800000n,
    0x7f800000n,
    0xff800000n,
    0x7fc00000n,
    0xffc00001n,
    0x7fa0beefn,
    1n,
    0x4f000000n,
  ],
  [F64]: [
    0n,
    1n << 63n,
    0x3ff0000000000000n,
    0x7ff0000000000000n,
    0xfff0000000000000n,
    0x7ff8000000000000n,
    0xfff8000000000001n,
    0x7ff4dead0000beefn,
    1n,
    0x41e0000000000000n,
  ],
}

/** The conversion that saturates in place of one that traps: both stand in the same order. */
export function saturating(op: number): number {
  const order = [0xa8, 0xa9, 0xaa, 0xab, 0xae, 0xaf, 0xb0, 0xb1]
  return 0x100 + order.indexOf(op)
}
