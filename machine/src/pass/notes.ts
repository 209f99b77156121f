/**
 * What the pass knows of each operand that is a float, so that NaN is made canonical only where its bits could
 * be seen.
 *
 * The rule of the machine is simple: each float operation that gives a NaN gives the canonical one (positive,
 * quiet, no payload). Loads, constants, reinterpretation, `neg`, `abs` and `copysign` move bits and keep them.
 * Comparisons, conversions to integers and the arithmetic itself cannot tell one NaN from another, so a NaN may
 * stay as the processor made it while only they see it.
 */
import { NAME, OP, OP_COUNT, RESULT } from '../wasm/opcodes.ts'

export const NOTE = {
  /** Its bits are as the program made them, and stay. */
  exact: 0,
  /** If a NaN, then of whatever bits the processor chose: to be made canonical before they can be seen. */
  raw: 1,
  /** Never a NaN. */
  number: 2,
} as const

/** The note on the result of an instruction with a fixed signature. Constants are looked at one by one. */
export const RESULT_NOTE = new Uint8Array(OP_COUNT)

/** How many operands on top of the stack have their bits seen by an instruction with a fixed signature. */
export const SEES = new Uint8Array(OP_COUNT)

const ARITHMETIC =
  /^f(32|64)\.(add|sub|mul|div|min|max|sqrt|ceil|floor|trunc|nearest|demote_f64|promote_f32)$/
const CONVERSION = /^f(32|64)\.convert_/
const BITWISE = /^f(32|64)\.(abs|neg|store)$|\.reinterpret_f/

for (let op = 0; op < OP_COUNT; op++) {
  const name = NAME[op]!
  if (RESULT[op] && ARITHMETIC.test(name)) RESULT_NOTE[op] = NOTE.raw
  if (CONVERSION.test(name)) RESULT_NOTE[op] = NOTE.number
  if (BITWISE.test(name)) SEES[op] = 1
  if (name.endsWith('.copysign')) SEES[op] = 2
}
SEES[OP.globalSet] = 1

/** The note on a float constant whose bytes start at `at`. */
export function constantNote(bytes: Uint8Array, op: number, at: number): number {
  const high = op === OP.f32Const ? at + 3 : at + 7
  const exponentIsFull =
    (bytes[high]! & 0x7f) === 0x7f &&
    (op === OP.f32Const ? bytes[high - 1]! >= 0x80 : bytes[high - 1]! >= 0xf0)
  return exponentIsFull ? NOTE.exact : NOTE.number
}
