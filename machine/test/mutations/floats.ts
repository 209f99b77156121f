/** Wrong ways to compute with floats. */

import type { Compute } from '../../src/step/numeric.ts'
import { F32, F64 } from '../../src/wasm/opcodes.ts'
import { altered, type Broken, type BrokenCompute, onTrap } from './breakage.ts'

/** Of an instruction with an operand of that type. */
export const onFloats = (name: string, type: number): BrokenCompute =>
  type === F32 || type === F64 ? float(name, name.slice(4), FORMAT[type]!) : {}

/** Of an instruction with a result of that type. */
export const toFloats = (name: string, type: number): BrokenCompute =>
  type === F32 || type === F64 ? floatResult(name, FORMAT[type]!) : {}

interface Format {
  readonly width: bigint
  readonly sign: bigint
  readonly infinite: bigint
  readonly nan: bigint
  readonly one: bigint
  readonly half: bigint
}

function formatOf(width: bigint, fraction: bigint): Format {
  const sign = 1n << (width - 1n)
  const infinite = sign - (1n << fraction)
  const one = (infinite >> 1n) & infinite
  return { width, sign, infinite, nan: infinite | (1n << (fraction - 1n)), one, half: one - (1n << fraction) }
}
const FORMAT: Readonly<Record<number, Format>> = { [F32]: formatOf(32n, 23n), [F64]: formatOf(64n, 52n) }

const low = ({ width }: Format, slot: bigint) => BigInt.asUintN(Number(width), slot)
const isNan = (format: Format, slot: bigint) => (low(format, slot) & ~format.sign) > format.infinite
const isZero = (format: Format, slot: bigint) => (low(format, slot) & ~format.sign) === 0n
const isSubnormal = (format: Format, slot: bigint) =>
  !isZero(format, slot) && (low(format, slot) & format.infinite) === 0n

/** What is done wrong with a float that is an operand. */
function float(name: string, operation: string, format: Format): BrokenCompute {
  const whereNan =
    (gives: (right: Compute, a: bigint, b: bigint) => bigint | undefined): Broken<Compute> =>
    (right) =>
    (a, b) =>
      isNan(format, a) ? gives(right, a, b) : right(a, b)
  const all: Record<string, Broken<Compute>> = {}
  if (/^(eq|le|ge)$/.test(operation)) {
    all['a NaN equals itself'] = whereNan((right, a, b) =>
      low(format, a) === low(format, b) ? 1n : right(a, b),
    )
  }
  if (operation === 'ne')
    all['a NaN equals itself'] = whereNan((_, a, b) => (low(format, a) === low(format, b) ? 0n : 1n))
  if (/^(lt|gt)$/.test(operation)) all['a NaN counts'] = whereNan(() => 1n)
  if (/^(eq|ne|lt|gt|le|ge)$/.test(operation)) {
    all['zeros differ by their sign'] = (right) => (a, b) => {
      const zeros = isZero(format, a) && isZero(format, b) && low(format, a) !== low(format, b)
      const asOne = (zero: bigint) => (zero & format.sign) | format.one
      return zeros ? right(asOne(a), asOne(b)) : right(a, b)
    }
  }
  if (/^(abs|neg|copysign)$/.test(operation)) {
    all['a NaN becomes canonical'] = whereNan(() => format.nan)
    if (operation !== 'copysign')
      all['a zero keeps its sign'] = (right) => (a, b) => (isZero(format, a) ? low(format, a) : right(a, b))
  }
  if (/^(ceil|floor|trunc|nearest|sqrt|min|max)$/.test(operation)) {
    all['a zero has no sign'] = altered((slot) => (isZero(format, slot) ? 0n : slot))
  }
  if (operation === 'nearest') {
    all['a half goes away from zero'] = (right, of) => (a, b) => {
      const [down, up] = [
        of(name.replace('nearest', 'floor'))(a, 0n)!,
        of(name.replace('nearest', 'ceil'))(a, 0n)!,
      ]
      const half = of(`${name.slice(0, 4)}sub`)(a, down)
      if (half !== format.half) return right(a, b)
      return isNegative(format, a) ? down : up
    }
  }
  if (/^trunc_f/.test(operation)) all['a NaN gives 0'] = onTrap((a) => (isNan(format, a) ? 0n : undefined))
  if (/^trunc_f/.test(operation)) {
    all['what is too large gives the nearest'] = (right, of) => (a, b) =>
      right(a, b) ?? (isNan(format, a) ? undefined : of(name.replace('trunc', 'trunc_sat'))(a, 0n))
  }
  if (/^trunc_sat/.test(operation)) {
    all['it traps where trunc does'] = (_, of) => of(name.replace('trunc_sat', 'trunc'))
    all['a NaN gives the greatest'] = (right) => (a, b) => right(isNan(format, a) ? format.infinite : a, b)
  }
  if (/^reinterpret/.test(operation)) {
    all['a NaN becomes canonical'] = whereNan(() => format.nan)
    all['the sign is lost'] = altered((slot) => slot & ~format.sign)
  }
  if (/^(promote|demote)/.test(operation)) {
    all['small ones become 0'] = (right) => (a, b) => (isSubnormal(format, a) ? 0n : right(a, b))
  }
  return all
}

const isNegative = (format: Format, slot: bigint) => (slot & format.sign) !== 0n

/** What is done wrong with a float that is the result. */
function floatResult(name: string, format: Format): BrokenCompute {
  const all: Record<string, Broken<Compute>> = {}
  if (name.endsWith('abs')) return all
  if (/neg|copysign|reinterpret_i/.test(name)) {
    all['the sign is lost'] = altered((slot) => slot & ~format.sign)
    return all
  }
  if (!/convert/.test(name)) {
    all['a NaN is negative'] = altered((slot) => (isNan(format, slot) ? slot | format.sign : slot))
    all['a NaN has a payload'] = altered((slot) => (isNan(format, slot) ? slot | 1n : slot))
  }
  if (/add|sub|mul|div|demote/.test(name)) {
    all['small results become 0'] = altered((slot) => (isSubnormal(format, slot) ? slot & format.sign : slot))
    all['what is too large stays finite'] = altered((slot) =>
      (slot & ~format.sign) === format.infinite ? slot - 1n : slot,
    )
  }
  if (/sqrt/.test(name))
    all['of less than zero it is that of the amount'] = (right, of) => (a) =>
      right(of(name.replace('sqrt', 'abs'))(a, 0n)!, 0n)
  if (/f32.convert_i64/.test(name)) {
    all['it rounds twice'] = (_, of) => (a) =>
      of('f32.demote_f64')(of(name.replace('f32.', 'f64.'))(a, 0n)!, 0n)
  }
  if (/convert_i64/.test(name)) all['operands have 63 bits'] = (right) => (a) => right(a & ~(1n << 63n), 0n)
  if (/convert_i32/.test(name)) all['operands have 31 bits'] = (right) => (a) => right(a & 0x7fff_ffffn, 0n)
  return all
}
