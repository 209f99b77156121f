/**
 * Random functions over f64, each with what it must return by the machine's rule: an operation that gives a NaN
 * gives the canonical one, and whatever only moves bits keeps them.
 */
const view = new DataView(new ArrayBuffer(8))

const CANONICAL = 0x7ff8000000000000n
const SIGN = 1n << 63n

function numberOf(bits: bigint): number {
  view.setBigUint64(0, bits)
  return view.getFloat64(0)
}

function bitsOf(value: number): bigint {
  if (Number.isNaN(value)) return CANONICAL
  view.setFloat64(0, value)
  return view.getBigUint64(0)
}

const CONSTANTS = [
  0n,
  SIGN,
  bitsOf(1),
  bitsOf(-2.5),
  bitsOf(Number.POSITIVE_INFINITY),
  bitsOf(Number.NEGATIVE_INFINITY),
  CANONICAL,
  CANONICAL | SIGN,
  0x7ff4dead0000beefn,
  0xfff0000000000001n,
  0x7fffffffffffffffn,
]

const BINARY: Record<string, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: Math.min,
  max: Math.max,
}

const UNARY: Record<string, (a: number) => number> = {
  sqrt: Math.sqrt,
  ceil: Math.ceil,
  floor: Math.floor,
  trunc: Math.trunc,
}

interface Expression {
  readonly code: string
  readonly bits: bigint
}

export interface FloatProgram {
  /**
   * Text of a function `f` without parameters that returns the bits as an i64, and a memory that it leaves with
   * what was stored there, the locals and the global.
   */
  readonly source: string
  readonly result: bigint
  readonly memory: readonly bigint[]
}

const LOCALS = 3

export function floatProgram(random: () => number): FloatProgram {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const locals = new Array<bigint>(LOCALS).fill(0n)
  let memory = 0n
  let global = 0n

  const expression = (depth: number): Expression => {
    if (depth === 0) return leaf()
    return pick(nodes)(depth - 1)
  }

  const leaf = (): Expression => {
    const local = Math.floor(random() * LOCALS)
    if (random() < 0.4) return { code: `local.get ${local}`, bits: locals[local]! }
    if (random() < 0.1) return { code: 'i32.const 0 f64.load', bits: memory }
    if (random() < 0.1) return { code: 'global.get $g', bits: global }
    const bits = pick(CONSTANTS)
    if (random() < 0.3) return { code: `i64.const ${bits} f64.reinterpret_i64`, bits }
    return { code: `f64.const ${constant(bits)}`, bits }
  }

  const nodes: readonly ((depth: number) => Expression)[] = [
    ...Object.entries(BINARY).map(([name, apply]) => (depth: number) => {
      const [a, b] = [expression(depth), expression(depth)]
      return {
        code: `${a.code} ${b.code} f64.${name}`,
        bits: bitsOf(apply(numberOf(a.bits), numberOf(b.bits))),
      }
    }),
    ...Object.entries(UNARY).map(([name, apply]) => (depth: number) => {
      const a = expression(depth)
      return { code: `${a.code} f64.${name}`, bits: bitsOf(apply(numberOf(a.bits))) }
    }),
    (depth) => {
      const a = expression(depth)
      return { code: `${a.code} f64.neg`, bits: a.bits ^ SIGN }
    },
    (depth) => {
      const a = expression(depth)
      return { code: `${a.code} f64.abs`, bits: a.bits & ~SIGN }
    },
    (depth) => {
      const [a, b] = [expression(depth), expression(depth)]
      return { code: `${a.code} ${b.code} f64.copysign`, bits: (a.bits & ~SIGN) | (b.bits & SIGN) }
    },
    (depth) => {
      const a = expression(depth)
      return { code: `${a.code} f32.demote_f64 f64.promote_f32`, bits: bitsOf(Math.fround(numberOf(a.bits))) }
    },
    (depth) => {
      const [a, b, first] = [expression(depth), expression(depth), random() < 0.5]
      return { code: `${a.code} ${b.code} i32.const ${Number(first)} select`, bits: first ? a.bits : b.bits }
    },
    (depth) => {
      const a = expression(depth)
      const local = Math.floor(random() * LOCALS)
      locals[local] = a.bits
      return { code: `${a.code} local.tee ${local}`, bits: a.bits }
    },
    (depth) => {
      const [a, b] = [expression(depth), expression(depth)]
      memory = b.bits
      return { code: `${a.code} i32.const 0 ${b.code} f64.store`, bits: a.bits }
    },
    (depth) => {
      const a = expression(depth)
      global = a.bits
      return { code: `${a.code} global.set $g global.get $g`, bits: a.bits }
    },
    (depth) => {
      const [a, b] = [expression(depth), expression(depth)]
      return { code: `${a.code} ${b.code} call $second`, bits: b.bits }
    },
    (depth) => {
      const a = expression(depth)
      return { code: `block (result f64) ${a.code} i32.const 1 br_if 0 drop f64.const 1 end`, bits: a.bits }
    },
    (depth) => {
      const [a, b] = [expression(depth), expression(depth)]
      return {
        code: `${a.code} block (result f64) ${b.code} br 0 f64.neg end f64.copysign`,
        bits: (a.bits & ~SIGN) | (b.bits & SIGN),
      }
    },
    (depth) => {
      const [a, b] = [expression(depth), expression(depth)]
      return {
        code: `${a.code} ${b.code} i32.const 0 block (param f64 f64 i32) (result f64 f64) if (param f64 f64) (result f64 f64) unreachable end end drop`,
        bits: a.bits,
      }
    },
  ]

  const root = expression(5)
  const seen = [...locals.map((_, i) => `local.get ${i}`), 'global.get $g']
  const stores = seen.map((code, i) => `i32.const ${8 * (i + 1)} ${code} f64.store`)
  const source = `(memory 1) (global $g (mut f64) (f64.const 0))
    (func $second (param f64 f64) (result f64) local.get 1)
    (func (export "f") (result i64) (local f64 f64 f64) ${root.code} i64.reinterpret_f64 ${stores.join(' ')})`
  return { source, result: root.bits, memory: [memory, ...locals, global] }
}

function constant(bits: bigint): string {
  const sign = bits & SIGN ? '-' : ''
  const rest = bits & ~SIGN
  if (rest === 0x7ff0000000000000n) return `${sign}inf`
  if (rest > 0x7ff0000000000000n) return `${sign}nan:0x${(rest & 0xfffffffffffffn).toString(16)}`
  return Object.is(numberOf(bits), -0) ? '-0' : String(numberOf(bits))
}
