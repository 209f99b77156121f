import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { EXAMPLES } from '../../../examples/catalog.ts'
import { encodeInput } from '../io/input.ts'
import { lower } from '../lower/lower.ts'
import type { Lowered } from '../lower/lowered.ts'
import { buildProgram } from '../program.ts'
import { HostAbortError } from '../run/errors.ts'
import { run } from '../run/run.ts'
import { STATUS_CODES } from '../run/status.ts'
import type { MachineState } from '../state/state.ts'
import { firstState } from '../step/firstState.ts'
import { ReferenceMachine } from '../step/referenceMachine.ts'
import { differenceOf } from '../testing/sameState.ts'
import { wat } from '../testing/wat.ts'
import { StepMachine } from './stepMachine.ts'

const END = 2n ** 62n
const LIMITS = { fuel: 10n ** 10n, outputMax: 1 << 20 }

const statusOf = ({ registers }: StepMachine) =>
  Object.entries(STATUS_CODES).find(([, code]) => code === registers.status - 1)?.[0]

async function exampleOf(name: string) {
  const example = EXAMPLES.find((each) => each.name === name)!
  const entries = Object.entries(example.files).map(
    async ([path, url]) => [path, await readFile(url)] as const,
  )
  const input = encodeInput({
    args: [name, ...example.args],
    files: Object.fromEntries(await Promise.all(entries)),
    ...(example.stdin && { stdin: await readFile(example.stdin) }),
  })
  return { program: buildProgram(await readFile(example.module)), input }
}

describe('a whole program', () => {
  it.each(['hello', 'wordcount', 'mandelbrot', 'primes'])('%s comes to what it does on V8', async (name) => {
    const { program, input } = await exampleOf(name)
    const expected = await run(program, input, LIMITS)
    const machine = new StepMachine(lower(program.canonical), input, LIMITS)
    machine.runTo(END)
    expect(statusOf(machine)).toBe(expected.status)
    expect(LIMITS.fuel - machine.registers.fuel).toBe(expected.fuelUsed)
    expect(Buffer.compare(machine.memories.output.bytes(), expected.output)).toBe(0)
  })

  it('ends where the fuel or the output does, or by a trap, as on V8', async () => {
    const { program, input } = await exampleOf('wordcount')
    const runs = [
      [program, input, { ...LIMITS, fuel: 10_000n }],
      [program, input, { ...LIMITS, outputMax: 20 }],
      [program, Uint8Array.of(1, 2, 3), LIMITS],
    ] as const
    const statuses: (string | undefined)[] = []
    for (const [program, input, limits] of runs) {
      const expected = await run(program, input, limits)
      const machine = new StepMachine(lower(program.canonical), input, limits)
      machine.runTo(END)
      statuses.push(statusOf(machine))
      expect(statusOf(machine)).toBe(expected.status)
      expect(limits.fuel - machine.registers.fuel).toBe(expected.fuelUsed)
      expect(Buffer.compare(machine.memories.output.bytes(), expected.output)).toBe(0)
    }
    expect(statuses).toEqual(['out-of-fuel', 'output-full', 'trapped'])
  })

  it('ends where the stack does', () => {
    const deep = '(module (func $f (export "_start") (call $f) (call $f)))'
    const machine = new StepMachine(lower(buildProgram(wat(deep)).canonical), encodeInput(), LIMITS)
    machine.runTo(END)
    expect(statusOf(machine)).toBe('stack-exhausted')
  })
})

const START = '(func (export "_start")'
const WRITE =
  '(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))'
const copies = [
  [7, 7, 0],
  [100, 3, 97],
  [3, 100, 97],
  [64, 0, 100],
  [0, 64, 100],
  [31, 63, 200],
  [63, 31, 200],
]
const PROGRAMS = {
  'bulk memory': `(module (memory 1 3) (data $d "${'a text of some length '.repeat(9)}")
    ${START} (memory.init $d (i32.const 29) (i32.const 5) (i32.const 150)) (data.drop $d)
    (memory.fill (i32.const 170) (i32.const 0x1ff) (i32.const 130))
    ${copies.map(([to, from, n]) => `(memory.copy (i32.const ${to}) (i32.const ${from}) (i32.const ${n}))`).join('')}
    (drop (memory.grow (i32.const 2))) (drop (memory.grow (i32.const 1))) (drop (memory.size))
    (memory.fill (i32.const 131_000) (i32.const 1) (i32.const 200))
    (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))))`,
  tables: `(module (table $t 10 20 funcref) (table $u 5 funcref) (elem $e func $f $g $f)
    (func $f (result i32) (i32.const 3)) (func $g (param i32) (result i32) (local.get 0))
    ${START} (table.init $t $e (i32.const 2) (i32.const 0) (i32.const 3)) (elem.drop $e)
    (table.copy $u $t (i32.const 1) (i32.const 2) (i32.const 3))
    (table.copy $t $t (i32.const 3) (i32.const 2) (i32.const 5))
    (table.copy $t $t (i32.const 1) (i32.const 2) (i32.const 5))
    (table.fill $t (i32.const 7) (table.get $u (i32.const 1)) (i32.const 3))
    (drop (table.grow $t (ref.func $g) (i32.const 7))) (drop (table.grow $t (ref.null func) (i32.const 7)))
    (table.set $t (i32.const 0) (table.get $t (i32.const 16))) (drop (table.size $t))
    (drop (call_indirect $t (result i32) (i32.const 8)))
    (drop (call_indirect $t (param i32) (result i32) (i32.const 8) (i32.const 0)))
    (drop (call_indirect $t (result i32) (i32.const 0)))))`,
  'values of blocks': `(module (func $two (param i32) (result i32 i64)
      (block (result i32 i64) (i32.const 1) (i32.const 2) (i64.const 3) (br_if 0 (local.get 0))
        (drop) (drop) (drop) (i32.const 4) (i64.const 5)))
    (func $three (result i32 i32 i64) (i32.const 1) (call $two (i32.const 0)))
    (func $sum (param i32 i32 i64) (result i64) (local i64 i64)
      (loop (local.set 4 (i64.add (local.get 4) (i64.const 0x123456789abcdef1)))
        (br_if 0 (i64.lt_u (local.tee 3 (i64.add (local.get 3) (i64.const 1))) (local.get 2))))
      (local.get 4))
    ${START} (drop (call $sum (call $three))) (call $two (i32.const 1)) (drop) (drop)))`,
  'an output': `(module ${WRITE} (memory 1) (data (i32.const 3) "${'a text that is written '.repeat(6)}")
    (data (i32.const 200) "\\03\\00\\00\\00\\78\\00\\00\\00")
    ${START} (drop (call $write (i32.const 1) (i32.const 200) (i32.const 1) (i32.const 300)))
    (drop (call $write (i32.const 1) (i32.const 200) (i32.const 1) (i32.const 300)))))`,
}

/** Every state from the first to the final one, by the reference. */
function* states(lowered: Lowered, input: Uint8Array, outputMax: number): Generator<MachineState> {
  const first = firstState(lowered, input, { fuel: LIMITS.fuel, outputMax: BigInt(outputMax) })
  const reference = new ReferenceMachine(first)
  while (reference.registers.status === 0) {
    reference.step()
    yield reference.state()
  }
}

describe('runs to any step', () => {
  it.each(Object.entries(PROGRAMS))('of a program of %s', (_, text) => {
    const lowered = lower(buildProgram(wat(text)).canonical)
    const input = encodeInput({ args: ['an argument'], stdin: new Uint8Array(100) })
    const outputMax = 200
    const limits = { fuel: LIMITS.fuel, outputMax }
    const all = [...registersOf(lowered, input, outputMax)]
    const machine = new StepMachine(lowered, input, limits)
    for (const [i, registers] of all.entries()) {
      machine.runTo(BigInt(i + 1))
      expect(machine.registers, `step ${i + 1}`).toMatchObject(registers)
    }
    machine.runTo(END)
    expect(machine.steps).toBe(BigInt(all.length))
  })

  it.each(Object.entries(PROGRAMS))('at once, and from any state, of a program of %s', (_, text) => {
    const lowered = lower(buildProgram(wat(text)).canonical)
    const input = encodeInput()
    const outputMax = 200
    let step = 0n
    let before: StepMachine | undefined
    for (const expected of states(lowered, input, outputMax)) {
      step++
      // A prime, so that all of a loop's instructions have their turn.
      if (step % 37n !== 0n && expected.registers.status === 0) continue
      const machine = new StepMachine(lowered, input, { fuel: LIMITS.fuel, outputMax })
      machine.runTo(step)
      expect(machine.steps).toBe(step)
      expect(differenceOf(machine.state(), expected), `step ${step}`).toBeUndefined()
      if (before) {
        const restored = StepMachine.restore(lowered, before.state(), before.steps)
        restored.runTo(step)
        expect(differenceOf(restored.state(), expected), `to step ${step}`).toBeUndefined()
      }
      before = machine
    }
  })
})

describe('an instruction of very many steps', () => {
  const size = 270 * 65_536
  const lowered = lower(
    buildProgram(
      wat(`(module (memory 270) ${START}
        (memory.fill (i32.const 5) (i32.const 7) (i32.const ${size - 5}))
        (memory.copy (i32.const 0) (i32.const 9) (i32.const ${size - 9}))
        (memory.copy (i32.const 9) (i32.const 0) (i32.const ${size - 9}))))`),
    ).canonical,
  )
  const ending = new StepMachine(lowered, encodeInput(), LIMITS)
  ending.runTo(END)

  it('counts them all', () => {
    // Beside those of the start: one for each leaf, two for each leaf where source and target do not begin alike.
    const leaves = BigInt(size / 32)
    expect(ending.steps).toBeGreaterThan(5n * leaves)
    expect(ending.steps).toBeLessThan(5n * leaves + 2_000n)
  })

  it('stops within it, and goes on, as if it had not', () => {
    const machine = new StepMachine(lowered, encodeInput(), LIMITS)
    for (let step = 0n; machine.steps < ending.steps; step += 333_331n) {
      machine.runTo(step)
      expect(machine.steps).toBe(step < ending.steps ? step : ending.steps)
    }
    expect(differenceOf(machine.state(), ending.state())).toBeUndefined()
  })
})

it('knows a host without memory from a program that traps', () => {
  const lowered = lower(buildProgram(wat(`(module ${START}))`)).canonical)
  const endless = { ...lowered, pages: [70_000, 0] as const, maxPages: [70_000, 0] as const }
  expect(() => new StepMachine(endless, encodeInput(), LIMITS)).toThrow(HostAbortError)
})

function* registersOf(lowered: Lowered, input: Uint8Array, outputMax: number) {
  const first = firstState(lowered, input, { fuel: LIMITS.fuel, outputMax: BigInt(outputMax) })
  const reference = new ReferenceMachine(first)
  while (reference.registers.status === 0) {
    reference.step()
    const { spare: _, ...registers } = reference.registers as typeof reference.registers & { spare?: bigint }
    yield registers
  }
}
