// Whole programs by the reference: what they come to is what V8 makes of them, and each of their steps can be proven.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { commit } from '../io/commitment.ts'
import { toHex } from '../io/hash.ts'
import { encodeInput } from '../io/input.ts'
import { lower } from '../lower/lower.ts'
import { buildProgram } from '../program.ts'
import { run } from '../run/run.ts'
import type { Status } from '../run/status.ts'
import { firstStateHash } from '../state/registers.ts'
import { ProgramTrees, StateTrees } from '../state/stateTrees.ts'
import { wat } from '../testing/wat.ts'
import { firstState } from './firstState.ts'
import { proveStep } from './prove.ts'
import { ReferenceMachine } from './referenceMachine.ts'
import { verifyStep } from './verify.ts'

const MOST_STEPS = 100_000n

/** A canonical program of these fields, which runs `$main`. */
function canonical(fields: string): Uint8Array {
  return wat(`(module
    (import "millrace" "input_length" (func $input_length (result i32)))
    (import "millrace" "input_read" (func $input_read (param i32 i32 i32)))
    (import "millrace" "output_write" (func $output_write (param i32 i32)))
    (import "millrace" "halt" (func $halt (param i32)))
    (memory $m (export "memory") 1 3)
    (memory $lib (export "millrace:memory") 1 2)
    (global $fuel (export "millrace:fuel") (mut i64) (i64.const 0))
    (global $state (export "millrace:state") (mut i32) (i32.const 0))
    (global $stack (export "millrace:stack") (mut i32) (i32.const 0))
    ${fields}
    (export "millrace:run" (func $main)))`)
}

/** The last 384 bytes of the module's memory's first page and its first 384 ones go to the output. */
const SHOW = `
  (memory.copy $lib $m (i32.const 1000) (i32.const 0) (i32.const 384))
  (memory.copy $lib $m (i32.const 1384) (i32.const 65152) (i32.const 384))
  (call $output_write (i32.const 1000) (i32.const 768))`

const show = (value: string, at: number) => `(i32.store $m (i32.const ${at}) ${value})`

/** By what they are about: how they end, and their fields. */
const PROGRAMS: Record<string, readonly [Status, string]> = {
  'bulk memory, over leaves and over itself': [
    'exited',
    `
    (data $text "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP")
    (data (memory $m) (i32.const 21) "some active bytes over the border of a leaf")
    (func $main (result i32)
      (memory.init $m $text (i32.const 65530) (i32.const 0) (i32.const 6))
      (memory.init $m $text (i32.const 100) (i32.const 3) (i32.const 45))
      (memory.copy $m $m (i32.const 107) (i32.const 100) (i32.const 70))
      (memory.copy $m $m (i32.const 90) (i32.const 97) (i32.const 80))
      (memory.fill $m (i32.const 250) (i32.const 0x1ab) (i32.const 67))
      (memory.fill $m (i32.const 65536) (i32.const 1) (i32.const 0))
      (data.drop $text)
      (memory.init $m $text (i32.const 65536) (i32.const 0) (i32.const 0))
      ${show('(memory.grow $m (i32.const 1))', 0)}
      ${show('(memory.grow $m (i32.const 2))', 4)}
      ${show('(memory.size $m)', 8)}
      ${SHOW} (i32.const 3))`,
  ],

  'loads and stores at borders of leaves': [
    'exited',
    `
    (func $main (result i32)
      (i64.store $m offset=1 (i32.const 28) (i64.const 0x8182838485868788))
      (i64.store32 $m (i32.const 62) (i64.const 0xf1f2f3f4f5f6f7f8))
      (i32.store16 $m (i32.const 95) (i32.const 0x9192))
      (i32.store8 $m (i32.const 65535) (i32.const 0x1ff))
      (f64.store $m (i32.const 130) (f64.const -0.1))
      (f32.store $m (i32.const 158) (f32.demote_f64 (f64.load $m (i32.const 130))))
      (i64.store $m (i32.const 200) (i64.load32_s $m (i32.const 30)))
      (i64.store $m (i32.const 208) (i64.load16_s $m (i32.const 31)))
      (i64.store $m (i32.const 216) (i64.load8_u $m (i32.const 63)))
      (i32.store $m (i32.const 224) (i32.load8_s $m (i32.const 64)))
      (i32.store $m (i32.const 228) (i32.load16_u $m (i32.const 95)))
      (i64.store $m (i32.const 232) (i64.load $m offset=65528 (i32.const 0)))
      ${SHOW} (i32.const 0))`,
  ],

  'a load beyond the memory': [
    'trapped',
    `
    (func $main (result i32)
      (i32.store8 $lib (i32.const 1000) (i32.const 9))
      (call $output_write (i32.const 1000) (i32.const 1))
      (i32.load $m (i32.const 65533)))`,
  ],

  'tables, and calls through them': [
    'exited',
    `
    (type $unary (func (param i32) (result i32)))
    (table $t 4 7 funcref) (table $u 6 20 funcref)
    (elem (table $t) (i32.const 1) func $double $next)
    (elem $more func $next $double $same)
    (func $double (type $unary) (i32.mul (local.get 0) (i32.const 2)))
    (func $next (type $unary) (i32.add (local.get 0) (i32.const 1)))
    (func $same (type $unary) (local i64) (local.get 0))
    (func $main (result i32) (local $i i32)
      (table.init $u $more (i32.const 2) (i32.const 0) (i32.const 3))
      (table.copy $u $u (i32.const 3) (i32.const 2) (i32.const 3))
      (table.copy $u $t (i32.const 0) (i32.const 1) (i32.const 2))
      (table.copy $u $u (i32.const 1) (i32.const 2) (i32.const 2))
      (elem.drop $more)
      ${show('(table.grow $t (table.get $u (i32.const 5)) (i32.const 2))', 0)}
      ${show('(table.grow $t (ref.null func) (i32.const 2))', 4)}
      (table.fill $t (i32.const 0) (table.get $t (i32.const 1)) (i32.const 1))
      (table.set $u (i32.const 1) (ref.func $same))
      ${show('(table.size $t)', 8)}
      ${show('(ref.is_null (table.get $t (i32.const 3)))', 12)}
      (loop $again
        (i32.store $m offset=16 (i32.mul (local.get $i) (i32.const 4))
          (call_indirect $u (type $unary) (i32.const 21) (local.get $i)))
        (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 6))))
      ${show('(call_indirect $t (type $unary) (i32.const 5) (i32.const 4))', 60)}
      ${SHOW}
      (call_indirect $t (type $unary) (i32.const 5) (i32.const 0)))`,
  ],

  'many values through blocks, calls and returns': [
    'exited',
    `
    (type $pair (func (param i32 i64) (result i64 i32 i64)))
    (func $spread (type $pair) (local f64 f64)
      (block (result i64 i32) (local.get 1) (local.get 0)
        (br_if 0 (local.get 0)) (drop) (drop) (i64.const 5) (i32.const 6))
      (i64.const 0x7fffffffffffffff))
    (func $early (type $pair)
      (i32.const 99) (i64.const 98)
      (i64.const 1) (local.get 0) (i64.const -0x123456789abcdef)
      (br_if 0 (local.get 0))
      (return))
    (func $main (result i32) (local $n i32)
      (call $spread (i32.const 7) (i64.const 8)) (i64.store $m (i32.const 0) (i64.const 0)) drop drop drop
      (call $spread (i32.const 0) (i64.const 8)) drop (local.set $n) (i64.store $m (i32.const 8) (i64.const 1)) drop
      (i32.store $m (i32.const 16) (local.get $n))
      (call $early (i32.const 1) (i64.const 2)) drop drop drop
      (call $early (i32.const 0) (i64.const 2)) drop (local.set $n) drop
      (i32.store $m (i32.const 20) (local.get $n))
      (local.set $n (i32.const 0))
      (loop $again
        (i32.const 1000)
        (block $c (block $b (block $a (br_table $a $b $c (local.get $n)))
          (i32.store8 $m offset=32 (local.get $n) (i32.const 0xa)))
          (i32.store8 $m offset=40 (local.get $n) (i32.const 0xb)))
        (i32.store8 $m offset=48 (local.get $n))
        (drop (br_if $again (i32.const 1)
          (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 5)))))
      (i64.store $m (i32.const 64) (i64.extend_i32_u (if (result i32) (local.get $n) (then (i32.const 3)) (else (i32.const 4)))))
      (i64.store $m (i32.const 72) (select (i64.const -1) (i64.const 2) (i32.const 0)))
      ${SHOW} (i32.const 0))`,
  ],

  'the input, and an output at its end': [
    'output-full',
    `
    (func $main (result i32)
      (call $input_read (i32.const 1017) (i32.const 3) (i32.sub (call $input_length) (i32.const 3)))
      (call $output_write (i32.const 1001) (i32.const 900))
      (call $output_write (i32.const 1) (i32.const 123))
      (call $output_write (i32.const 1) (i32.const 2))
      (unreachable))`,
  ],

  'reading beyond the input': [
    'trapped',
    `
    (func $main (result i32)
      (call $input_read (i32.const 0) (call $input_length) (i32.const 0))
      (call $input_read (i32.const 0) (i32.const 1) (call $input_length))
      (i32.const 0))`,
  ],

  'fuel that runs out, as the pass tells it': [
    'out-of-fuel',
    `
    (func $main (result i32)
      (global.set $fuel (i64.const 0))
      (global.set $stack (i32.sub (global.get $stack) (i32.const 7)))
      (global.set $state (i32.const 2))
      (unreachable))`,
  ],

  'a stack that runs out, as the pass tells it': [
    'stack-exhausted',
    `
    (func $main (result i32)
      (global.set $fuel (i64.sub (global.get $fuel) (i64.const 12)))
      (global.set $state (i32.const 3))
      (unreachable))`,
  ],

  'a halt from within': [
    'exited',
    `
    (func $inner (call $output_write (i32.const 5) (i32.const 40)) (call $halt (i32.const 1)) (unreachable))
    (func $main (result i32) (call $inner) (i32.const 0))`,
  ],
}

describe.each(Object.entries(PROGRAMS))('%s', (_, [status, fields]) => {
  const bytes = canonical(fields)
  const input = Uint8Array.from({ length: 100 }, (_, i) => 200 - i)
  const limits = { fuel: 1_000n, outputMax: 1_024 }
  const regionLimits = { fuel: limits.fuel, outputMax: BigInt(limits.outputMax) }

  it('comes to what V8 makes of it, each of its steps proven and checked on the way', async () => {
    const native = await run(await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>), input, limits)

    expect(native.status).toBe(status)

    const first = firstState(lower(bytes), input, regionLimits)
    const program = new ProgramTrees(first)
    const machine = new ReferenceMachine(first)
    const trees = new StateTrees(program, first)
    const parts = { code: program.code.root, memory: program.memory.root, slots: program.slots.root }
    const hash = firstStateHash({ ...parts, pages: program.pages }, bytesOf(commit(input)), regionLimits)
    expect(toHex(trees.hash)).toBe(toHex(hash))

    while (machine.registers.status === 0) {
      expect(machine.steps).toBeLessThan(MOST_STEPS)
      const proven = proveStep(trees)
      machine.step()
      trees.update(machine.state())
      const next = toHex(trees.hash)
      expect(toHex(proven.next), `step ${machine.steps}`).toBe(next)
      expect(toHex(verifyStep(proven.state, proven.witness)), `step ${machine.steps}`).toBe(next)
    }
    const { statusCode, fuelUsed, output } = trees.result(limits.fuel)
    expect({ statusCode, fuelUsed, outputRoot: toHex(output) }).toEqual({
      statusCode: native.statusCode,
      fuelUsed: native.fuelUsed,
      outputRoot: native.outputRoot,
    })
  })
})

describe('a program with files and arguments', () => {
  const program = buildProgram(new Uint8Array(readFileSync('examples/hello/hello.wasm')))
  const first = lower(program.canonical)
  const input = encodeInput()

  it.each([0n, 1n, 2_000n, 6_000n, 1_000_000n])('ends with fuel of %i as in V8', async (fuel) => {
    const native = await run(program, input, { fuel, outputMax: 1_000 })
    const machine = new ReferenceMachine(firstState(first, input, { fuel, outputMax: 1_000n }))
    while (machine.registers.status === 0 && machine.steps < MOST_STEPS) machine.step()
    const { registers } = machine
    expect(registers.status - 1).toBe(native.statusCode)
    expect(fuel - registers.fuel).toBe(native.fuelUsed)
    expect(bytesOfOutput(machine)).toEqual(native.output)
  })
})

function bytesOfOutput(machine: ReferenceMachine): Uint8Array {
  const { output, registers } = machine.state()
  const bytes = new Uint8Array(Number(registers.outputLength))
  for (const extent of output)
    bytes.set(extent.bytes.subarray(0, bytes.length - 32 * extent.leaf), 32 * extent.leaf)
  return bytes
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.slice(2).match(/../g)!, (byte) => Number.parseInt(byte, 16))
}
