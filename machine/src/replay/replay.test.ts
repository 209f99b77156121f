import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { EXAMPLES } from '../../../examples/catalog.ts'
import { StepMachine } from '../interpret/stepMachine.ts'
import { encodeInput } from '../io/input.ts'
import { lower } from '../lower/lower.ts'
import { NATIVE_STACK_BYTES } from '../pass/abi.ts'
import { buildProgram } from '../program.ts'
import { MACHINE_STATUS } from '../state/state.ts'
import { differenceOf } from '../testing/sameState.ts'
import { wat } from '../testing/wat.ts'
import { ReplayProgram } from './replay.ts'

const END = 2n ** 62n
const LIMITS = { fuel: 10n ** 10n, outputMax: 200 }
const INPUT = encodeInput({ args: ['an argument'], stdin: new Uint8Array(100) })

const STOPS = process.env.MILLRACE_DEEP ? 2_000 : 25

/** Stops again and again, beside the interpreter. @returns at how many different steps, and the last status */
async function stopEverywhere(canonical: Uint8Array, limits = LIMITS) {
  const lowered = lower(canonical)
  const program = new ReplayProgram(canonical)
  const whole = new StepMachine(lowered, INPUT, limits)
  whole.runTo(END)
  const interpreted = new StepMachine(lowered, INPUT, limits)
  const beside = new StepMachine(lowered, INPUT, limits)
  let going = new StepMachine(lowered, INPUT, limits)
  const stops = new Set<bigint>()
  // The interpreter, step by step, would stop exactly there.
  let compiled = 0
  for (let i = 0n; i <= STOPS; i++) {
    const steps = (whole.steps * i) / BigInt(STOPS)
    const stopped = await program.stopAfter(INPUT, limits, steps)
    stops.add(stopped.steps)
    interpreted.runTo(stopped.steps)
    expect(differenceOf(stopped.state(), interpreted.state()), `after ${steps} steps`).toBeUndefined()
    // Once more, from where it stopped the last time, or from a copy of any state.
    if (i % 4n === 3n) {
      beside.runTo(beside.steps + 3n)
      going = StepMachine.restore(lowered, beside.state(), beside.steps)
    }
    const begun = going.steps
    going = await program.advanceAfter(going, limits, steps)
    if (begun > 0n && going.steps > steps) compiled++
    beside.runTo(going.steps)
    expect(differenceOf(going.state(), beside.state()), `on to step ${steps}`).toBeUndefined()
  }
  expect(compiled).toBeGreaterThan(0)
  const end = await program.replay(INPUT, limits, END)
  expect(end.steps).toBe(whole.steps)
  expect(differenceOf(end.state(), whole.state())).toBeUndefined()
  return { stops: stops.size, status: whole.registers.status }
}

const START = '(func $start (export "_start")'
const WRITE =
  '(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))'
/** A loop of so many rounds, over local $i. */
const rounds = (count: number, body: string) => `(local.set $i (i32.const ${count}))
  (loop $again ${body} (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))`

const PROGRAMS: Readonly<Record<string, string>> = {
  'recursion, with operands that wait for calls': `(module
    (func $f (param $n i32) (result i32) (local $a i64) (local $b f32)
      (local.set $a (i64.const 0x123456789abcdef)) (local.set $b (f32.const 1.5))
      (if (result i32) (i32.lt_u (local.get $n) (i32.const 2)) (then (local.get $n)) (else
        (i32.add (i32.mul (local.get $n) (i32.const 3))
          (i32.add (call $f (i32.sub (local.get $n) (i32.const 1)))
            (i32.wrap_i64 (i64.add (local.get $a)
              (i64.extend_i32_u (call $f (i32.sub (local.get $n) (i32.const 2)))))))))))
    ${START} (drop (call $f (i32.const 7)))))`,
  'calls through tables, with several results': `(module (table 4 4 funcref) (elem (i32.const 1) $f $g)
    (type $t (func (param i32) (result i32 i64 f64)))
    (func $f (type $t) (local $i i32) ${rounds(5, 'nop')} (local.get 0) (i64.const -1) (f64.const 0.5))
    (func $g (type $t) (i32.const 1) (i64.const 2) (f64.const 3))
    ${START} (local $i i32)
      ${rounds(
        9,
        `(i64.const 77) (i32.const 5)
        (call_indirect (type $t) (local.get $i) (i32.add (i32.const 1) (i32.and (local.get $i) (i32.const 1))))
        drop drop drop drop drop`,
      )}))`,
  'tables that change': `(module (table $t 10 20 funcref) (table $u 5 30 funcref) (elem $e func $f $g $f)
    (global $r (mut funcref) (ref.null func))
    (func $f (result i32) (i32.const 3)) (func $g (param i32) (result i32) (local.get 0))
    ${START} (local $l funcref) (local $i i32) (table.init $t $e (i32.const 2) (i32.const 0) (i32.const 3)) (elem.drop $e)
      (table.copy $u $t (i32.const 1) (i32.const 2) (i32.const 3))
      (global.set $r (table.get $u (i32.const 1))) (local.set $l (ref.func $g))
      ${rounds(3, '(drop (table.grow $u (local.get $l) (i32.const 7)))')}
      (table.fill $t (i32.const 7) (table.get $u (i32.const 1)) (i32.const 3))
      (drop (table.grow $t (ref.func $g) (i32.const 7))) (drop (table.grow $t (ref.null func) (i32.const 7)))
      (table.set $t (i32.const 0) (table.get $t (i32.const 16))) (drop (table.size $t))
      ${rounds(3, '(drop (call_indirect $t (result i32) (i32.const 8)))')}
      (drop (call_indirect $t (result i32) (i32.const 0)))))`,
  'memory that is copied, filled and grown': `(module (memory 1 3) (data $d "${'a text of some length '.repeat(9)}")
    (data $e "more")
    ${START} (local $i i32) (memory.init $d (i32.const 29) (i32.const 5) (i32.const 150))
      (data.drop $d) (memory.fill (i32.const 170) (i32.const 0x1ff) (i32.const 130))
      ${rounds(9, '(memory.copy (i32.mul (local.get $i) (i32.const 7)) (i32.mul (local.get $i) (i32.const 10)) (i32.mul (local.get $i) (i32.const 37)))')}
      ${rounds(9, '(memory.copy (i32.mul (local.get $i) (i32.const 10)) (i32.mul (local.get $i) (i32.const 5)) (i32.mul (local.get $i) (i32.const 31)))')}
      (memory.copy (i32.const 0) (i32.const 0) (i32.const 0))
      (drop (memory.grow (i32.const 2))) (drop (memory.grow (i32.const 1)))
      ${rounds(3, '(drop (memory.size))')}
      (memory.init $e (i32.const 0) (i32.const 0) (i32.const 4))
      (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))))`,
  'branches with values': `(module
    (func $two (param i32) (result i32 i64)
      (block (result i32 i64) (i32.const 1) (i32.const 2) (i64.const 3) (br_if 0 (local.get 0))
        (drop) (drop) (drop) (i32.const 4) (i64.const 5)))
    (func $pick (param $i i32) (result i32)
      (block $a (result i32) (block $b (result i32) (block $c (result i32)
        (i64.const 9) (i32.const 8) (local.get $i) (br_table $a $b $c $a (local.get $i)))
        (i32.const 10) i32.add) (i32.const 100) i32.add))
    (func $loop (param $i i32) (result i64) (i64.const 1) (local.get $i)
      (loop $l (param i64 i32) (result i64) (local.set $i) (i64.const 3) i64.mul (local.get $i)
        (if (param i64) (result i64) (then (local.get $i) (i32.const 1) i32.sub (br $l)))))
    ${START} (local $i i32)
      ${rounds(5, '(drop (call $pick (local.get $i))) (call $two (local.get $i)) drop drop (drop (call $loop (local.get $i)))')}))`,
  'an output that is full': `(module ${WRITE} (memory 1) (data (i32.const 3) "${'a text that is written '.repeat(6)}")
    (data (i32.const 200) "\\03\\00\\00\\00\\78\\00\\00\\00")
    ${START} (drop (call $write (i32.const 1) (i32.const 200) (i32.const 1) (i32.const 300)))
      (drop (call $write (i32.const 1) (i32.const 200) (i32.const 1) (i32.const 300)))))`,
  'an access beyond memory': `(module (memory 1) ${START} (local $i i32)
    ${rounds(40, '(i32.store (i32.mul (local.get $i) (i32.const 1500)) (local.get $i))')}
    ${rounds(9, '(drop (i64.load offset=65500 (i32.sub (i32.const 36) (local.get $i))))')}))`,
  'a division by zero': `(module (func $f (param i32) (result i32) (i32.div_u (i32.const 7) (local.get 0)))
    ${START} (local $i i32) ${rounds(20, '(drop (call $f (i32.sub (local.get $i) (i32.const 4))))')}))`,
  'a call that no element can take': `(module (table 2 2 funcref) (elem (i32.const 0) $f) (func $f (local $i i32) ${rounds(4, 'nop')})
    ${START} (local $i i32) ${rounds(3, '(call_indirect (i32.sub (i32.const 3) (local.get $i)))')}))`,
  'floats that are no numbers': `(module (memory 1) (global $g (mut f64) (f64.const nan:0x4000000000001))
    (func $f (param f64 f32) (result f64) (local $i i32) (local $s f32) (local $kept f64)
      (local.set $kept (global.get $g)) (local.set $s (f32.sqrt (f32.neg (local.get 1))))
      (f64.div (f64.const 0) (f64.sub (local.get 0) (local.get 0)))
      ${rounds(6, '(local.set 0 (f64.add (local.get 0) (f64.div (f64.const 0) (f64.const 0))))')}
      (f64.add (local.get 0)) f64.neg)
    ${START} (local $i i32)
      ${rounds(3, '(global.set $g (call $f (f64.convert_i32_u (local.get $i)) (f32.const 2)))')}))`,
  'a function that others count': `(module (table 1 1 funcref) (elem (i32.const 0) $plain)
    (func $plain (param i32) (result i32) (local i64) (i32.mul (local.get 0) (i32.const 3)))
    ${START} (local $i i32) ${rounds(9, '(drop (i32.add (call $plain (local.get $i)) (call_indirect (param i32) (result i32) (local.get $i) (i32.const 0))))')}))`,
}

const DEEP = `(module (func $f (param i32) (result i32) (local i64)
  (local.set 1 (i64.extend_i32_u (local.get 0)))
  (i32.mul (local.get 0) (i32.add (call $f (i32.add (local.get 0) (i32.const 1))) (i32.wrap_i64 (local.get 1)))))
  ${START} (drop (call $f (i32.const 1)))))`

const STATUSES: Readonly<Record<string, number>> = {
  'memory that is copied, filled and grown': MACHINE_STATUS.trapped,
  'tables that change': MACHINE_STATUS.trapped,
  'an output that is full': MACHINE_STATUS.outputFull,
  'an access beyond memory': MACHINE_STATUS.trapped,
  'a division by zero': MACHINE_STATUS.trapped,
  'a call that no element can take': MACHINE_STATUS.trapped,
}

describe('compiled replay stops in the interpreter’s states', () => {
  it.each(Object.entries(PROGRAMS))('of %s', async (name, text) => {
    const { stops, status } = await stopEverywhere(buildProgram(wat(text)).canonical)
    expect(status).toBe(STATUSES[name] ?? MACHINE_STATUS.exited)
    expect(stops).toBeGreaterThan(10)
  })

  it('where the fuel runs out', async () => {
    const { canonical } = buildProgram(wat(PROGRAMS['branches with values']!))
    const limits = { ...LIMITS, fuel: 1_150n }
    expect(await stopEverywhere(canonical, limits)).toMatchObject({ status: MACHINE_STATUS.outOfFuel })
  })

  it('and makes NaNs canonical only where one is in a frame', async () => {
    const { canonical } = buildProgram(wat(PROGRAMS['floats that are no numbers']!))
    const program = new ReplayProgram(canonical)
    await program.stopAfter(INPUT, LIMITS, 10n)
    expect(program.versions).toBe(1)
    const end = await program.replay(INPUT, LIMITS, END)
    for (let steps = 0n; steps < end.steps; steps += 20n) await program.stopAfter(INPUT, LIMITS, steps)
    expect(program.versions).toBe(2)
  })
})

describe('recursion until the stack is exhausted', () => {
  it('ends, and stops and goes on within it, as the interpreter does', { timeout: 60_000 }, async () => {
    const worker = new Worker(new URL('../testing/replayWorker.ts', import.meta.url), {
      workerData: buildProgram(wat(DEEP)).canonical,
      resourceLimits: { stackSizeMb: NATIVE_STACK_BYTES / 2 ** 20 + 1 },
    })
    const [{ status, differences, frames }] = await once(worker, 'message')
    expect({ status, differences }).toEqual({
      status: MACHINE_STATUS.stackExhausted,
      differences: [undefined, undefined],
    })
    expect(frames).toBeGreaterThan(10_000)
  })
})

describe('what asks too much of the engine is interpreted', () => {
  const replayed = async (text: string) => {
    const { canonical } = buildProgram(wat(text))
    const whole = new StepMachine(lower(canonical), INPUT, LIMITS)
    whole.runTo(END)
    const program = new ReplayProgram(canonical)
    const machine = await program.replay(INPUT, LIMITS, END)
    expect(machine.steps).toBe(whole.steps)
    expect(differenceOf(machine.state(), whole.state())).toBeUndefined()
    return { status: machine.registers.status, slack: await program.slack() }
  }

  it('for want of native stack, here where a thread has the usual one', async () => {
    expect(await replayed(DEEP)).toMatchObject({ status: MACHINE_STATUS.stackExhausted })
  })

  it('with more locals than V8 takes', async () => {
    const many = (count: number, code: string) => new Array(count).fill(code).join(' ')
    const text = `(module (func $f (local $i i32) ${rounds(2, 'nop')})
      ${START} (local ${many(47_900, 'i32')}) ${many(3_000, 'i32.const 1')} call $f ${many(3_000, 'drop')}))`
    // Nothing that was compiled stops anywhere.
    expect(await replayed(text)).toEqual({ status: MACHINE_STATUS.exited, slack: 0 })
  })
})

describe('examples', () => {
  it.each(['hello', 'wordcount', 'primes', 'mandelbrot'])('%s comes to any step', async (name) => {
    const example = EXAMPLES.find((each) => each.name === name)!
    const files = await Promise.all(
      Object.entries(example.files).map(async ([path, url]) => [path, await readFile(url)] as const),
    )
    const input = encodeInput({
      args: [name, ...example.args],
      files: Object.fromEntries(files),
      ...(example.stdin && { stdin: await readFile(example.stdin) }),
    })
    const { canonical } = buildProgram(await readFile(example.module))
    const program = new ReplayProgram(canonical)
    const limits = { fuel: 10n ** 12n, outputMax: 1 << 20 }
    const { steps } = await program.replay(input, limits, END)
    const interpreted = new StepMachine(lower(canonical), input, limits)
    // A prime number of stops, so that they are not the rounds of a loop.
    for (let i = 1n; i <= 7n; i++) {
      const step = (steps * i) / 7n
      const replayed = await program.replay(input, limits, step)
      interpreted.runTo(step)
      expect(replayed.steps).toBe(step)
      expect(differenceOf(replayed.state(), interpreted.state()), `step ${step}`).toBeUndefined()
    }
  })
})
