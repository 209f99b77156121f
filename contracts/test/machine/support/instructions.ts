// WebAssembly's float instructions with their opcodes and types, as its specification lists them.

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64'

export interface Instruction {
  readonly name: string
  /** Behind the prefix 0xfc from 0x100 on. */
  readonly opcode: number
  readonly params: readonly ValueType[]
  readonly result: ValueType
  /** Whether a NaN among its results is a new one, so that its bits are the host's choice. */
  readonly makesNan: boolean
}

const COMPARE = ['eq', 'ne', 'lt', 'gt', 'le', 'ge']
const UNARY = ['abs', 'neg', 'ceil', 'floor', 'trunc', 'nearest', 'sqrt']
const BINARY = ['add', 'sub', 'mul', 'div', 'min', 'max', 'copysign']
const KEEPS_BITS = ['abs', 'neg', 'copysign']

const CONVERSIONS: Readonly<Record<number, string>> = {
  168: 'i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u',
  174: 'i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u',
  178: 'f32.convert_i32_s f32.convert_i32_u f32.convert_i64_s f32.convert_i64_u f32.demote_f64',
  183: 'f64.convert_i32_s f64.convert_i32_u f64.convert_i64_s f64.convert_i64_u f64.promote_f32',
  188: 'i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64',
  256: 'i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u',
  260: 'i64.trunc_sat_f32_s i64.trunc_sat_f32_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u',
}

function ofFormat(type: 'f32' | 'f64', compareFrom: number, arithmeticFrom: number): Instruction[] {
  const comparisons = COMPARE.map((name, place): Instruction => {
    const opcode = compareFrom + place
    return { name: `${type}.${name}`, opcode, params: [type, type], result: 'i32', makesNan: false }
  })
  const arithmetic = [...UNARY, ...BINARY].map((name, place): Instruction => {
    const opcode = arithmeticFrom + place
    const params = UNARY.includes(name) ? [type] : [type, type]
    return { name: `${type}.${name}`, opcode, params, result: type, makesNan: !KEEPS_BITS.includes(name) }
  })
  return [...comparisons, ...arithmetic]
}

const conversions = Object.entries(CONVERSIONS).flatMap(([from, names]) =>
  names.split(' ').map((name, place): Instruction => {
    const [, result, from_] = name.match(/^(...)\.\w+?_([if]\d\d)/) as unknown as [0, ValueType, ValueType]
    const makesNan = /demote|promote/.test(name)
    return { name, opcode: Number(from) + place, params: [from_], result, makesNan }
  }),
)

export const INSTRUCTIONS: readonly Instruction[] = [
  ...ofFormat('f32', 0x5b, 0x8b),
  ...ofFormat('f64', 0x61, 0x99),
  ...conversions,
]
