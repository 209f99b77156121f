/** Values of untyped slots, for people. */
import type { Instruction } from '@millrace/machine/steps'

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64'

const TYPE = /i32|i64|f32|f64/g
const COMPARISON = /\.(eqz?|ne|lt|gt|le|ge)(_[su])?$/

/** Of which types an instruction's operands and its result are, where its name tells. */
export function typesOf({ name }: Instruction): {
  operand?: ValueType
  second?: ValueType
  result?: ValueType
} {
  const [own, other] = (name.match(TYPE) ?? []) as ValueType[]
  if (own === undefined) return {}
  if (name.includes('.load')) return { operand: 'i32', result: own }
  if (name.includes('.store')) return { operand: own, second: 'i32' }
  if (COMPARISON.test(name)) return { operand: own, second: own, result: 'i32' }
  return { operand: other ?? own, second: own, result: own }
}

/** `0x2a = 42`. What is no float is shown as a signed number, of 32 bits where it has no more. */
export function formatSlot(slot: bigint, type?: ValueType): string {
  return `0x${slot.toString(16)} = ${formatValue(slot, type)}`
}

function formatValue(slot: bigint, type: ValueType | undefined): string {
  if (type === 'f32' || type === 'f64') return formatFloat(slot, type)
  const isNarrow = type === 'i32' || (type === undefined && slot < 2n ** 32n)
  return BigInt.asIntN(isNarrow ? 32 : 64, slot).toString()
}

function formatFloat(slot: bigint, type: 'f32' | 'f64'): string {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, slot, true)
  const value = type === 'f32' ? view.getFloat32(0, true) : view.getFloat64(0, true)
  if (Object.is(value, -0)) return '-0.0'
  const text = String(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}

/** `0a 00 00 00`. */
export function formatHexBytes(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
}
