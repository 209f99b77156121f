// What this computer's own processor says, by way of V8: a Wasm loop an instruction, from pairs of slots to slots.
import { wat } from '../../../../machine/src/testing/wat.ts'
import type { Answers, Pairs } from './answers.ts'
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

/** Pairs that the module's memory holds at a time; their results stand behind them. */
const ROOM = 65_536
const RESULTS = 16 * ROOM

const module = new WebAssembly.Module(
  wat(`(module
    (memory (export "memory") ${(24 * ROOM) / 65_536})
    (global $at (export "at") (mut i32) (i32.const 0))
    ${INSTRUCTIONS.map(loop).join('\n')})`) as Uint8Array<ArrayBuffer>,
)
const exports = new WebAssembly.Instance(module).exports as Record<string, unknown>
const memory = exports.memory as WebAssembly.Memory
const at = exports.at as WebAssembly.Global<'i32'>
const operands = new BigUint64Array(memory.buffer, 0, 2 * ROOM)
const results = new BigUint64Array(memory.buffer, RESULTS, ROOM)

/** Computes pairs from `$at` on; where it traps, `$at` says at which. */
function loop({ name, params, result, makesNan }: Instruction): string {
  const load = (type: ValueType, place: number) =>
    `(i64.load offset=${8 * place} (i32.shl (global.get $at) (i32.const 4))) ${FROM_SLOT[type]}`
  // Which NaN a new one is, is the host's choice.
  const canonical = `${result}.const nan local.get $r local.get $r local.get $r ${result}.ne select`
  return `(func (export "${name}") (param $count i32) (local $r ${result})
    (loop $next
      (if (i32.ge_u (global.get $at) (local.get $count)) (then return))
      ${params.map(load).join(' ')} ${name} local.set $r
      (i32.shl (global.get $at) (i32.const 3))
      ${makesNan ? canonical : 'local.get $r'} ${TO_SLOT[result]}
      i64.store offset=${RESULTS}
      (global.set $at (i32.add (global.get $at) (i32.const 1)))
      br $next))`
}

/** A new NaN is given as the canonical one. */
export function onHardware({ name }: Instruction, pairs: Pairs): Answers {
  const count = pairs.length / 2
  const slots = new BigUint64Array(count)
  const traps = new Uint8Array(count)
  for (let from = 0; from < count; from += ROOM) {
    const size = Math.min(ROOM, count - from)
    operands.set(pairs.subarray(2 * from, 2 * (from + size)))
    for (at.value = 0; !runsToEnd(name, size); at.value++) {
      results[at.value] = 0n
      traps[from + at.value] = 1
    }
    slots.set(results.subarray(0, size), from)
  }
  return { slots, traps }
}

/** Whether it did, and did not trap. */
function runsToEnd(name: string, count: number): boolean {
  try {
    ;(exports[name] as (count: number) => void)(count)
    return true
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return false
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
