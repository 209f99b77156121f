// Every instruction that computes, against this computer's own processor, by way of V8.
import { expect, it } from 'vitest'
import { INSTRUCTIONS } from '../isa/instructions.ts'
import { Dice } from '../random/dice.ts'
import { interestingSlot } from '../testing/randomOperands.ts'
import { wat } from '../testing/wat.ts'
import { F32, F64, I32, I64, NAME, OP_COUNT, OPERANDS, RESULT } from '../wasm/opcodes.ts'
import { FLOAT } from './float.ts'
import { INTEGER } from './integer.ts'

const COMPUTE = { ...INTEGER, ...FLOAT }
const NUMERIC = INSTRUCTIONS.filter((each) => each.class === 'integer' || each.class === 'float')
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 32))
const RANDOM_PAIRS = process.env.MILLRACE_DEEP ? 100_000 : 500

const FROM_SLOT: Record<number, string> = {
  [I32]: 'i32.wrap_i64',
  [I64]: '',
  [F32]: 'i32.wrap_i64 f32.reinterpret_i32',
  [F64]: 'f64.reinterpret_i64',
}
const TO_SLOT: Record<number, string> = {
  [I32]: 'i64.extend_i32_u',
  [I64]: '',
  [F32]: 'i32.reinterpret_f32 i64.extend_i32_u',
  [F64]: 'i64.reinterpret_f64',
}

const numberOf = (name: string) =>
  Array.from({ length: OP_COUNT }, (_, op) => op).find((op) => NAME[op] === name)!

const functions = NUMERIC.map(({ name }) => {
  const op = numberOf(name)
  const operands = OPERANDS[op]!.map((type, place) => `local.get ${place} ${FROM_SLOT[type]}`)
  return `(func (export "${name}") (param i64 i64) (result i64) ${operands.join(' ')} ${name} ${TO_SLOT[RESULT[op]!]})`
})
const module = new WebAssembly.Module(wat(`(module ${functions.join('\n')})`) as Uint8Array<ArrayBuffer>)
const { exports } = new WebAssembly.Instance(module)

/** The slot that V8 gives, a new NaN being the canonical one; nothing where it traps. */
function onHardware(name: string, a: bigint, b: bigint): bigint | undefined {
  try {
    const slot = BigInt.asUintN(64, (exports[name] as (a: bigint, b: bigint) => bigint)(a, b))
    return canonical(name, slot)
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return undefined
    throw error
  }
}

function canonical(name: string, slot: bigint): bigint {
  if (/abs|neg|copysign|reinterpret/.test(name)) return slot
  const type = RESULT[numberOf(name)]
  if (type === F32 && (slot & 0x7fff_ffffn) > 0x7f80_0000n) return 0x7fc0_0000n
  if (type === F64 && (slot & ~(1n << 63n)) > 0x7ff0n << 48n) return 0x7ff8n << 48n
  return slot
}

function floats(fraction: bigint, exponent: bigint): bigint[] {
  const bias = (1n << (exponent - 1n)) - 1n
  const powers = [
    -bias,
    -1n,
    0n,
    1n,
    fraction - 1n,
    fraction,
    fraction + 1n,
    31n,
    32n,
    63n,
    64n,
    bias,
    bias + 1n,
  ]
  const positive = [0n, ...powers.map((of) => (bias + of) << fraction), 3n << (fraction - 1n)]
  const halves = [1n, 3n].map((half) => (bias << fraction) | (half << (fraction - 2n)))
  const near = [...positive, ...halves].flatMap((bits) => [bits - 1n, bits, bits + 1n])
  const signed = near.flatMap((bits) => [bits, bits | (1n << (fraction + exponent))])
  return signed.map((bits) => BigInt.asUintN(Number(fraction + exponent) + 1, bits))
}

const integers = [0, 7, 8, 15, 16, 24, 25, 31, 32, 52, 53, 54, 63, 64].flatMap((power) =>
  [-1n, 0n, 1n].flatMap((by) => [(1n << BigInt(power)) + by, -(1n << BigInt(power)) + by]),
)
// Halves of the last place of an f32, and a little more: where rounding twice goes wrong.
const ties = [24n, 40n, 53n, 54n, 60n].flatMap((of) =>
  [1n, 3n].flatMap((odd) => [-1n, 0n, 1n].map((by) => (1n << of) + (odd << (of - 24n)) + by)),
)
const EDGES: Record<number, readonly bigint[]> = {
  [I32]: [...new Set([...integers, ...ties].map((value) => BigInt.asUintN(32, value)))],
  [I64]: [...new Set([...integers, ...ties].map((value) => BigInt.asUintN(64, value)))],
  [F32]: [...new Set(floats(23n, 8n))],
  [F64]: [...new Set(floats(52n, 11n))],
}

function expectHardware(name: string, a: bigint, b: bigint): void {
  const [ours, expected] = [COMPUTE[name]!(a, b), onHardware(name, a, b)]
  if (ours === expected) return
  const hex = (slot: bigint | undefined) => (slot === undefined ? 'a trap' : `0x${slot.toString(16)}`)
  expect.fail(
    `${name}(${hex(a)}, ${hex(b)}) is ${hex(ours)}, on hardware ${hex(expected)} (FUZZ_SEED=${seed})`,
  )
}

it.each(NUMERIC.map(({ name }) => name))('%s computes what V8 computes', (name) => {
  const [first, second] = OPERANDS[numberOf(name)]!
  const dice = new Dice(seed)
  if (second === undefined) for (const a of EDGES[first!]!) expectHardware(name, a, 0n)
  for (let i = 0; i < RANDOM_PAIRS; i++) {
    // Of an operand of 32 bits what stands above them must not count.
    const operand = (type: number) => (dice.chance(0.5) ? dice.pick(EDGES[type]!) : interestingSlot(dice))
    const a = operand(first!)
    expectHardware(name, a, second === undefined ? 0n : dice.chance(0.1) ? a : operand(second))
  }
})
