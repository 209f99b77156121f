/** Modules that use one instruction after the other, and calls of them at the edges of what each does. */

import { INSTRUCTIONS } from '../../src/isa/instructions.ts'
import { Dice } from '../../src/random/dice.ts'
import { interestingSlot } from '../../src/testing/randomOperands.ts'
import { SteppedProgram } from '../../src/testing/steppedProgram.ts'
import { wat } from '../../src/testing/wat.ts'
import { F32, F64, I32, I64, NAME, OPERANDS, RESULT } from '../../src/wasm/opcodes.ts'

export interface Calls {
  readonly program: SteppedProgram
  /** Whether each call does the same after others as before them. */
  readonly independent: boolean
  readonly calls: readonly (readonly [name: string, args: readonly bigint[]])[]
}

const OPTIONS = { mostReferenceSteps: 10_000 }
const TYPE: Readonly<Record<number, string>> = { [I32]: 'i32', [I64]: 'i64', [F32]: 'f32', [F64]: 'f64' }
const PAIRS = 80

/** Calls for an instruction: of a module for it alone where it computes or goes to memory, else of one for all others. */
export function callsFor(name: string): Calls {
  const { class: kind } = INSTRUCTIONS.find((each) => each.name === name)!
  if (kind === 'integer' || kind === 'float') return computing(name)
  if (/load|store/.test(name)) return accessing(name)
  return theRest()
}

function computing(name: string): Calls {
  const number = NAME.indexOf(name)
  const types = OPERANDS[number]!
  const params = types.map((type) => TYPE[type]).join(' ')
  const gets = types.map((_, i) => `(local.get ${i})`).join('')
  const text = `(module (func (export "f") (param ${params}) (result ${TYPE[RESULT[number]!]}) (${name} ${gets})))`
  const dice = new Dice(number)
  const slot = (type: number) => {
    const edge = dice.chance(0.5) ? dice.pick(EDGES[type]!) : interestingSlot(dice)
    return type === I32 || type === F32 ? BigInt.asUintN(32, edge) : edge
  }
  const [first, second] = types
  const operands: (readonly bigint[])[] = []
  if (second === undefined) operands.push(...EDGES[first!]!.map((edge) => [edge]))
  else {
    const top = 1n << (first === I32 || first === F32 ? 31n : 63n)
    const ones = 2n * top - 1n
    operands.push([top, ones], [0n, top], [top, 0n])
    for (const edge of EDGES[first!]!) operands.push([edge, edge], [edge, edge ^ top])
    for (let i = 0; i < PAIRS; i++) operands.push([slot(first!), slot(second)])
  }
  const calls = operands.map((args) => ['f', args] as const)
  return { program: new SteppedProgram(wat(text), OPTIONS), independent: true, calls }
}

const powers = [0, 7, 8, 15, 16, 23, 24, 31, 32, 52, 53, 62, 63].flatMap((power) =>
  [-1n, 0n, 1n].flatMap((by) => [(1n << BigInt(power)) + by, -(1n << BigInt(power)) + by]),
)
const ties = [(1n << 60n) + (1n << 36n) + 1n, (1n << 54n) + (1n << 30n) + 1n, (1n << 24n) + 1n]
const integers = (bits: number) => [...powers, ...ties].map((value) => BigInt.asUintN(bits, value))

const numbers = [
  ...[
    0,
    0.5,
    0.7,
    1,
    1.5,
    2,
    2.5,
    3.5,
    127.5,
    2 ** 23 + 0.5,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    2 ** 63,
    2 ** 64,
  ],
  ...[
    2 ** 31 - 0.5,
    2 ** 31 + 0.5,
    2 ** 32 - 0.5,
    1e-40,
    2 ** -149,
    5e-324,
    1e-310,
    1e300,
    3e38,
    Infinity,
    NaN,
  ],
].flatMap((value) => [value, -value])
const payloads = {
  f32: [0x7f800001n, 0xffc00001n, 0x7fa00000n],
  f64: [0x7ff0000000000001n, 0xfff8000000000001n],
}

const EDGES: Readonly<Record<number, readonly bigint[]>> = {
  [I32]: integers(32),
  [I64]: integers(64),
  [F32]: [...new BigUint64Array(numbers.map((value) => BigInt(bitsOf(value, 32)))), ...payloads.f32],
  [F64]: [...numbers.map((value) => bitsOf(value, 64)), ...payloads.f64],
}

function bitsOf(value: number, bits: 32 | 64): bigint {
  const view = new DataView(new ArrayBuffer(8))
  if (bits === 64) view.setFloat64(0, value)
  else view.setFloat32(4, value)
  return view.getBigUint64(0)
}

function accessing(name: string): Calls {
  const number = NAME.indexOf(name)
  const isStore = name.includes('store')
  const type = name.slice(0, 3)
  const width = Number(/(8|16|32)(_|$)/.exec(name.slice(3))?.[1] ?? type.slice(1)) / 8
  const bytes = Array.from(
    { length: 70 },
    (_, i) => `\\${((i * 37 + 128) % 256).toString(16).padStart(2, '0')}`,
  ).join('')
  const text = `(module (memory 1 1) (data (i32.const 0) "${bytes}") (data (i32.const 65466) "${bytes}")
    (func (export "f") (param i32 ${isStore ? type : ''}) ${isStore ? '' : `(result ${type})`}
      (${name} offset=3 (local.get 0) ${isStore ? '(local.get 1)' : ''})))`
  const end = 65_536 - width - 3
  const addresses = [
    0,
    1,
    2,
    5,
    26,
    27,
    28,
    29,
    31,
    60,
    end - 1,
    end,
    end + 1,
    end + width,
    65_536,
    2 ** 31,
    2 ** 32 - 4,
  ]
  const dice = new Dice(number)
  const value = () => BigInt.asUintN(type.endsWith('32') ? 32 : 64, interestingSlot(dice) ^ dice.bits(64))
  const calls = addresses.map((at) => ['f', isStore ? [BigInt(at), value()] : [BigInt(at)]] as const)
  return { program: new SteppedProgram(wat(text), OPTIONS), independent: true, calls }
}

const REST = `(module
  (type $unary (func (param i32) (result i32)))
  (memory 1 3)
  (data $d "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
  (data $gone "segments are dropped at times")
  (data (i32.const 21) "some active bytes over the borders of leaves, long enough for two of them")
  (table $t 8 14 funcref) (table $s 5 5 funcref)
  (elem (table $t) (i32.const 1) func $double $next $three)
  (elem $e func $next $double $three $down)
  (elem $gone func $down $next)
  (global $g (mut i64) (i64.const 0x123456789abcdef0)) (global $h (mut i32) (i32.const 7))
  (func $double (type $unary) (i32.mul (local.get 0) (i32.const 2)))
  (func $next (type $unary) (i32.add (local.get 0) (i32.const 1)))
  (func $three (result i32 i64 i32) (i32.const -5) (i64.const 0xfedcba9876543210) (i32.const 9))
  (func $down (param i32) (result i32) (local i64 i64)
    (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 100))
      (else (local.set 1 (i64.extend_i32_u (local.get 0)))
        (i32.add (call $down (i32.sub (local.get 0) (i32.const 1))) (i32.wrap_i64 (local.get 1))))))
  (func (export "down") (param i32) (result i32) (call $down (local.get 0)))
  (func (export "trap") (param i32) (result i32) (if (local.get 0) (then (unreachable))) (i32.const 3))
  (func (export "branches") (param i32 i32) (result i32 i32)
    (block $a (result i32) (block $b (result i32) (block $c (result i32)
      (i32.const 10) (i32.const 20) (i32.const 30)
      (br_if $c (local.get 1)) (drop)
      (br_table $a $b $c (local.get 0)))
      (i32.const 1) (i32.add)) (i32.const 2) (i32.add))
    (if (result i32) (i32.gt_s (local.get 0) (i32.const 1)) (then (i32.const 5)) (else (br 0 (i32.const 6)))))
  (func (export "loop") (param i32) (result i64) (local $sum i64)
    (loop $l (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 3)) (i64.extend_i32_u (local.get 0))))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get $sum))
  (func (export "three") (result i32 i64 i32) (call $three))
  (func $lots (export "lots") (param i32) (result i32 i64 i32 i64) (local i64)
    (i64.const 77) (i32.const 1) (call $three) (i64.const -1) (br_if 0 (local.get 0))
    (drop) (drop) (drop) (drop) (drop) (drop) (i32.const 4) (local.get 1) (i32.const 5) (i64.const 128))
  (func (export "select") (param i64 i64 i32) (result i64) (select (local.get 0) (local.get 1) (local.get 2)))
  (func (export "constants") (result i64 i64 i64 f64 f32 i32)
    (i64.const -3) (i64.const 0x7fedcba987654321) (i64.const 0x0123456789abcd00) (f64.const -0.1) (f32.const 0.1) (i32.const -1))
  (func (export "globals") (param i64 i32) (result i64 i32)
    (global.get $g) (global.get $h) (global.set $g (local.get 0)) (global.set $h (local.get 1)))
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init") (param i32 i32 i32) (memory.init $d (local.get 0) (local.get 1) (local.get 2)))
  (func (export "data.drop") (data.drop $gone))
  (func (export "initGone") (param i32 i32 i32) (memory.init $gone (local.get 0) (local.get 1) (local.get 2)))
  (func (export "elem.drop") (elem.drop $gone))
  (func (export "table.initGone") (param i32 i32 i32) (table.init $s $gone (local.get 0) (local.get 1) (local.get 2)))
  (func (export "table.init") (param i32 i32 i32) (table.init $s $e (local.get 0) (local.get 1) (local.get 2)))
  (func (export "table.copy") (param i32 i32 i32) (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
  (func (export "table.copy2") (param i32 i32 i32) (table.copy $t $s (local.get 0) (local.get 1) (local.get 2)))
  (func (export "table.fill") (param i32 i32 i32)
    (table.fill $t (local.get 0) (table.get $t (local.get 1)) (local.get 2)))
  (func (export "table.grow") (param i32 i32) (result i32) (table.grow $t (table.get $t (local.get 0)) (local.get 1)))
  (func (export "table.size") (result i32 i32) (table.size $t) (table.size $s))
  (func (export "table.get") (param i32) (result i32) (ref.is_null (table.get $s (local.get 0))))
  (func (export "table.set") (param i32 i32) (table.set $s (local.get 0) (table.get $t (local.get 1))))
  (func (export "indirect") (param i32 i32) (result i32)
    (i32.add (i32.const 1000) (call_indirect $t (type $unary) (local.get 0) (local.get 1)))))`

const CALLS: readonly (readonly [string, ...number[]])[] = [
  ['down', 0],
  ['down', 5],
  ['trap', 0],
  ['trap', 1],
  ...[0, 1, 2, 3, -1].flatMap((i) => [['branches', i, 0] as const, ['branches', i, 2] as const]),
  ['loop', 1],
  ['loop', 9],
  ['three'],
  ['lots', 0],
  ['lots', 1],
  ['select', 3, 4, 0],
  ['select', 3, 4, 1],
  ['select', 3, 4, 2 ** 31],
  ['constants'],
  ['globals', 12, 13],
  ['globals', -1, -1],
  ['size'],
  ['grow', 0],
  ['grow', 3],
  ['grow', 1],
  ['grow', 1],
  ['grow', 1],
  ['grow', -1],
  ['size'],
  ['fill', 13, 0x1ab, 150],
  ['fill', 196_600, 7, 8],
  ['fill', 196_600, 7, 9],
  ['fill', 196_608, 7, 0],
  ['fill', 196_609, 7, 0],
  ['init', 300, 3, 50],
  ['init', 200, 0, 62],
  ['init', 200, 0, 63],
  ['init', 196_608, 62, 0],
  ['init', 196_609, 62, 0],
  ['copy', 310, 300, 77],
  ['copy', 290, 300, 77],
  ['copy', 196_507, 300, 101],
  ['copy', 196_508, 300, 101],
  ['copy', 300, 196_508, 101],
  ['copy', 196_609, 0, 0],
  ['initGone', 500, 2, 20],
  ['data.drop'],
  ['initGone', 500, 2, 1],
  ['initGone', 500, 0, 0],
  ['table.size'],
  ['table.init', 1, 1, 3],
  ['table.init', 0, 0, 4],
  ['table.init', 2, 1, 4],
  ['table.init', 1, 1, 4],
  ['table.init', 2, 4, 0],
  ['table.init', 6, 4, 0],
  ['table.initGone', 3, 0, 2],
  ['elem.drop'],
  ['table.initGone', 3, 0, 1],
  ['table.copy2', 4, 1, 4],
  ['table.copy2', 4, 1, 5],
  ['table.copy', 2, 1, 4],
  ['table.copy', 1, 3, 5],
  ['table.copy', 4, 4, 5],
  ['table.copy', 9, 0, 0],
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 2 ** 24].map((i) => ['indirect', 41, i] as const),
  ['table.fill', 5, 1, 2],
  ['table.fill', 6, 0, 2],
  ['table.fill', 6, 1, 3],
  ['table.fill', 8, 1, 0],
  ['table.fill', 9, 1, 0],
  ['table.grow', 1, 7],
  ['table.grow', 1, 0],
  ['table.grow', 1, 3],
  ['table.grow', 0, 3],
  ['table.grow', 0, 1],
  ['table.size'],
  ...[0, 1, 4, 5, 2 ** 24, -1].map((i) => ['table.get', i] as const),
  ['table.set', 0, 1],
  ['table.set', 1, 0],
  ['table.set', 4, 2],
  ['table.set', 5, 2],
  ...[0, 1, 4].map((i) => ['table.get', i] as const),
]

/** Each call begins with what those before it left; so does the next round. */
function theRest(): Calls {
  const program = new SteppedProgram(wat(REST), OPTIONS)
  const calls = CALLS.map(([name, ...args]) => {
    const { index } = program.module.exports.find((entry) => entry.name === name)!
    const { params } = program.module.types[program.module.functions[index]!]!
    const slots = args.map((value, i) => BigInt.asUintN(params[i] === I32 ? 32 : 64, BigInt(value)))
    return [name, slots] as const
  })
  return { program, independent: false, calls }
}
