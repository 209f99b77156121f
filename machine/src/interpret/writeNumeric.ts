/** Instructions that compute. Where WebAssembly would trap, the loop is left instead, and each new NaN is the canonical one. */
import { F32, I64, NAME, OPERANDS, RESULT } from '../wasm/opcodes.ts'
import { type ValueType, WASM } from './code.ts'
import type { SequenceWriter } from './sequenceWriter.ts'

const CANONICAL_NAN: ReadonlySet<string> = new Set(
  ['add', 'sub', 'mul', 'div', 'min', 'max', 'sqrt', 'ceil', 'floor', 'trunc', 'nearest'].flatMap((name) => [
    `f32.${name}`,
    `f64.${name}`,
  ]),
)
  .add('f32.demote_f64')
  .add('f64.promote_f32')

export function writeNumeric(to: SequenceWriter, number: number): void {
  const { code } = to
  const name = NAME[number]!
  const types = OPERANDS[number] as readonly ValueType[]
  const result = RESULT[number] as ValueType
  const operands = types.map(() => to.pop()).reverse()
  if (/div_|rem_|\.trunc_f/.test(name)) {
    const locals = types.map((type, i) => {
      const local = to.temporary(type)
      to.value(operands[i]!, type)
      code.set(local)
      return local
    })
    if (name.includes('trunc')) writeRangeCheck(to, name, types[0]!, locals[0]!)
    else writeDivisionCheck(to, name, types[0]!, locals[0]!, locals[1]!)
    for (const local of locals) code.get(local)
  } else {
    for (const [i, type] of types.entries()) to.value(operands[i]!, type)
  }
  code.op(number)
  to.pushResult(result)
  if (CANONICAL_NAN.has(name)) {
    const local = to.peek(result)
    code.get(local)
    code.get(local)
    code.op(result === F32 ? 0x5c : 0x62)
    to.if()
    if (result === F32) {
      code.i32(0x7fc00000)
      code.op(0xbe)
    } else {
      code.i64(0x7ff8)
      code.i64(48)
      code.op(WASM.i64Shl, 0xbf)
    }
    code.set(local)
    to.end()
  }
}

function writeDivisionCheck(to: SequenceWriter, name: string, type: ValueType, x: number, y: number): void {
  const { code } = to
  const wide = type === I64
  code.get(y)
  code.op(wide ? WASM.i64Eqz : WASM.i32Eqz)
  if (name.endsWith('div_s')) {
    // The least number by −1.
    code.get(x)
    if (wide) {
      code.i64(1)
      code.i64(63)
      code.op(WASM.i64Shl, WASM.i64Eq)
    } else {
      code.i32(-(2 ** 31))
      code.op(WASM.i32Eq)
    }
    code.get(y)
    if (wide) code.i64(-1)
    else code.i32(-1)
    code.op(wide ? WASM.i64Eq : WASM.i32Eq, WASM.i32And, WASM.i32Or)
  }
  to.leaveIf()
}

/** Truncations trap on NaN and where the result does not fit. */
function writeRangeCheck(to: SequenceWriter, name: string, type: ValueType, x: number): void {
  const { code } = to
  const bits = name.startsWith('i32') ? 32 : 64
  const signed = name.endsWith('_s')
  const above = 2 ** (signed ? bits - 1 : bits)
  // The greatest float below the range, or where none lies between it and the least number, that number.
  const closed = signed && (bits === 64 || type === F32)
  const below = !signed ? -1 : closed ? -above : -above - 1
  const constant = (value: number) => {
    const bytes = new DataView(new ArrayBuffer(8))
    if (type === F32) bytes.setFloat32(0, value, true)
    else bytes.setFloat64(0, value, true)
    code.out.u8(type === F32 ? 0x43 : 0x44)
    for (let i = 0; i < (type === F32 ? 4 : 8); i++) code.out.u8(bytes.getUint8(i))
  }
  const [gt, ge, lt] = type === F32 ? [0x5e, 0x60, 0x5d] : [0x64, 0x66, 0x63]
  code.get(x)
  constant(below)
  code.op(closed ? ge! : gt!)
  code.get(x)
  constant(above)
  code.op(lt!, WASM.i32And, WASM.i32Eqz)
  to.leaveIf()
}
