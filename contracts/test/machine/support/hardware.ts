// What this computer's own processor says, by way of V8: a Wasm function an instruction, from slots to a slot.
import { wat } from '../../../../machine/src/testing/wat.ts'
import { INSTRUCTIONS, type Instruction, type ValueType } from './instructions.ts'

const FROM_SLOT: Record<ValueType, string> = {
  i32: 'i32.wrap_i64',
  i64: '',
  f32: 'i32.wrap_i64 f32.reinterpret_i32',
  f64: 'f64.reinterpret_i64',
}
const TO_SLOT: Record<ValueType, string> = {
  i32: 'i64.extend_i32_u',
  i64: '',
  f32: 'i32.reinterpret_f32 i64.extend_i32_u',
  f64: 'i64.reinterpret_f64',
}

const functions = INSTRUCTIONS.map(({ name, params, result }) => {
  const operands = params.map((type, place) => `local.get ${place} ${FROM_SLOT[type]}`)
  return `(func (export "${name}") (param i64 i64) (result i64) ${operands.join(' ')} ${name} ${TO_SLOT[result]})`
})
const module = new WebAssembly.Module(wat(`(module ${functions.join('\n')})`) as Uint8Array<ArrayBuffer>)
const { exports } = new WebAssembly.Instance(module)

/** The slot that the instruction pushes, or null where it traps. A new NaN is given as the canonical one. */
export function onHardware({ name, result, makesNan }: Instruction, a: bigint, b: bigint): bigint | null {
  const run = exports[name] as (a: bigint, b: bigint) => bigint
  try {
    const slot = BigInt.asUintN(64, run(a, b))
    return makesNan ? canonical(result, slot) : slot
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return null
    throw error
  }
}

/** The bits, or the canonical NaN's where they are some NaN's. */
export function canonical(type: ValueType, bits: bigint): bigint {
  const [magnitude, infinity] =
    type === 'f32' ? [bits & 0x7fff_ffffn, 0x7f80_0000n] : [bits & ~(1n << 63n), 0x7ff0_0000_0000_0000n]
  return magnitude > infinity ? canonicalNan(type) : bits
}

export function canonicalNan(type: ValueType): bigint {
  return type === 'f32' ? 0x7fc0_0000n : 0x7ff8_0000_0000_0000n
}
