import { describe, expect, it } from 'vitest'
import { encodeInput } from '../io/input.ts'
import { lower } from '../lower/lower.ts'
import { STEPS_FUEL, STEPS_PER_UNIT } from '../pass/weights.ts'
import { buildProgram } from '../program.ts'
import { MACHINE_STATUS } from '../state/state.ts'
import { wat } from '../testing/wat.ts'
import { StepMachine } from './stepMachine.ts'

const FUEL = 1n << 40n
const END = 1n << 62n

function run(text: string, fuel = FUEL) {
  const lowered = lower(buildProgram(wat(text)).canonical)
  const machine = new StepMachine(lowered, encodeInput({}), { fuel, outputMax: 100 })
  machine.runTo(END)
  const { status, fuel: left } = machine.registers
  return { status, steps: machine.steps, used: fuel - left }
}

/** Fifty times the code, a thousand times over: what else a program does counts for nothing then. */
const often = (code: string, fields = '') => `(module ${fields}
  (func (export "main") (local $i i32) (local $x f64)
    (local.set $x (f64.sqrt (f64.const 2)))
    (loop $again ${`${code} `.repeat(50)}
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))))))`

const values = (count: number, type = 'f64') => `${type} `.repeat(count)

/** Functions that each give 64 values, most of them the next one's. */
const chain = (length: number) =>
  Array.from(
    { length },
    (_, i) => `(func $f${i} (result ${values(64)}) (local $x f64)
      (f64.sqrt (local.get $x)) ${i === 0 ? 'f64.const 0 '.repeat(64) : `call $f${i - 1}`} drop)`,
  ).join(' ')

describe('steps', () => {
  it.each([
    ['a loop that goes round once', 'loop nop end'],
    ['a value that is looked at when a loop ends', 'loop (result f64) local.get $x end drop'],
    ['blocks that make one operand after another canonical', quadratic(64)],
    ['operands that are looked at together', `${'local.get $x '.repeat(255)} call $g`],
    ['functions of many values', `call $f9 ${'drop '.repeat(64)}`],
    ['nothing copied', '(memory.copy (i32.const 31) (i32.const 62) (i32.const 0))'],
    ['three bytes copied', '(memory.copy (i32.const 31) (i32.const 62) (i32.const 3))'],
    ['many bytes copied', '(memory.copy (i32.const 31) (i32.const 62) (i32.const 999))'],
    ['a loop that copies', 'i32.const 31 i32.const 62 i32.const 3 loop (param i32 i32 i32) memory.copy end'],
    ['a call', 'call $nothing'],
    ['a call through a table', '(call_indirect (i32.const 0))'],
  ])('are bounded by the fuel: %s', (_, code) => {
    const fields = `(memory 1) (table 1 funcref) (elem (i32.const 0) $nothing)
      (func $nothing) (func $g (param ${values(255)})) ${chain(10)}`
    const { status, steps, used } = run(often(code, fields))
    expect(status).toBe(MACHINE_STATUS.exited)
    expect(steps).toBeLessThanOrEqual(STEPS_PER_UNIT * (used + STEPS_FUEL))
  })

  it.each([0n, 1n, 10n, 1000n])('are bounded where %d units are not enough', (fuel) => {
    const { status, steps, used } = run('(module (func (export "main") (loop br 0)))', fuel)
    expect(status).toBe(MACHINE_STATUS.outOfFuel)
    expect(used).toBe(fuel)
    expect(steps).toBeLessThanOrEqual(STEPS_PER_UNIT * (used + STEPS_FUEL))
  })
})

/** As many operands that may be NaN as blocks, each of which takes one operand more than the last. */
function quadratic(count: number): string {
  const blocks = Array.from(
    { length: count },
    (_, i) => `block (param ${values(i + 1)}) (result ${values(i + 1)}) end`,
  )
  return `block ${'local.get $x '.repeat(count)} ${blocks.join(' ')} br 0 end`
}
