import { describe, expect, it } from 'vitest'
import { guestOf } from '../testing/guest.ts'
import { wat } from '../testing/wat.ts'
import { MAX_FUEL, STATE } from './abi.ts'

/** A function of a counter and a limit, which counts its rounds, and writes to where the counter stands. */
const loopOf = (end: string, body = '') => `(func (export "f") (param $i i32) (param $n i32) (result i32)
  (local $rounds i32) (local $other i32)
  loop local.get $rounds i32.const 1 i32.add local.set $rounds ${body} ${end} end local.get $rounds)`

const guest = (source: string) => guestOf(wat(`(module (memory 1) ${source})`))

const advance = (step: number) => `local.get $i i32.const ${step} i32.add local.tee $i`

/** Fuel that a call takes. */
function cost(source: string, i: number, n: number): bigint {
  const program = guest(source)
  program.reset(MAX_FUEL)
  program.call('f', i, n)
  return MAX_FUEL - program.fuel.value
}

/** Whether it is charged for in front of the loop: with too little for the last round not even the first one runs. */
function isCounted(source: string): boolean {
  const program = guest(source)
  program.reset(cost(source, 10, 0) - 1n)
  expect(() => program.call('f', 10, 0)).toThrow(WebAssembly.RuntimeError)
  expect(program.state.value).toBe(STATE.outOfFuel)
  return new Uint8Array((program.exports.memory as WebAssembly.Memory).buffer)[10] === 0
}

describe('a loop that counts', () => {
  it.each([
    ['down to zero', `${advance(-1)} br_if 0`, 7, 0, 7],
    ['by subtraction', 'local.get $i i32.const 1 i32.sub local.tee $i br_if 0', 7, 0, 7],
    ['up to zero, over the end', `${advance(1)} br_if 0`, -7, 0, 7],
    ['to a constant', `${advance(1)} i32.const 12 i32.ne br_if 0`, 2, 0, 10],
    ['to a local', `${advance(1)} local.get $n i32.ne br_if 0`, 2, 12, 10],
    ['to a local that stands first', `local.get $n ${advance(1)} i32.ne br_if 0`, 2, 12, 10],
    ['in larger steps', `${advance(16)} local.get $n i32.ne br_if 0`, 8, 168, 10],
    ['down in larger steps', `${advance(-16)} local.get $n i32.ne br_if 0`, 168, 8, 10],
    ['all the way around, in steps of 2^20', `${advance(2 ** 20)} local.get $n i32.ne br_if 0`, 3, 3, 4096],
    ['around the end of the numbers', `${advance(4)} local.get $n i32.ne br_if 0`, -8, 8, 4],
  ])('%s is charged for its rounds, all alike', (_, end, i, n, rounds) => {
    const source = loopOf(end, 'i32.const 0 i32.const 1 i32.store8')
    const program = guest(source)
    const size = Number(/const (-?\d+)/.exec(end)![1])
    const step = end.includes('sub') ? -size : size
    // The same loop from where one round is left.
    const limit = i + rounds * step
    const [one, two] = [1, 2].map((left) => cost(source, limit - left * step, n)) as [bigint, bigint]
    const fuel = one + BigInt(rounds - 1) * (two - one)
    // Not even the first one runs without fuel for the last one.
    program.reset(fuel - 1n)
    expect(() => program.call('f', i, n)).toThrow(WebAssembly.RuntimeError)
    expect(program.state.value).toBe(STATE.outOfFuel)
    expect(program.fuel.value).toBe(0n)
    expect(new Uint8Array((program.exports.memory as WebAssembly.Memory).buffer)[0]).toBe(0)
    program.reset(fuel)
    expect(program.call('f', i, n)).toBe(rounds)
    expect(program.fuel.value).toBe(0n)
  })

  const mark = 'local.get $i i32.const 1 i32.store8'

  it('is charged for before it begins', () => {
    expect(isCounted(loopOf(`${advance(-1)} br_if 0`, mark))).toBe(true)
  })

  it.each([
    ['whose step does not divide the way', advance(8), 3, 8],
    ['whose step does not divide the way down', advance(-8), 3, 8],
  ])('%s is stopped, whatever fuel there is', (_, step, i, n) => {
    const program = guest(loopOf(`${step} local.get $n i32.ne br_if 0`))
    program.reset(MAX_FUEL)
    expect(() => program.call('f', i, n)).toThrow(WebAssembly.RuntimeError)
    expect(program.state.value).toBe(STATE.outOfFuel)
  })

  it('is paid for as a whole where it traps', () => {
    const source = (at: number) => loopOf(`${advance(-1)} br_if 0`, `i32.const ${at} i32.const 1 i32.store8`)
    const program = guest(source(-1))
    program.reset(MAX_FUEL)
    expect(() => program.call('f', 10, 0)).toThrow(WebAssembly.RuntimeError)
    expect(program.state.value).toBe(STATE.running)
    expect(MAX_FUEL - program.fuel.value).toBe(cost(source(0), 10, 0))
  })

  it('can go around 2^32 times without fuel coming back', () => {
    const program = guest(loopOf(`${advance(1)} br_if 0`))
    program.reset(2n ** 32n)
    expect(() => program.call('f', 0, 0)).toThrow(WebAssembly.RuntimeError)
    expect(program.state.value).toBe(STATE.outOfFuel)
  })
})

describe('a loop that cannot be counted', () => {
  const mark = 'local.get $i i32.const 1 i32.store8'
  const down = `${advance(-1)} br_if 0`

  it.each([
    ['its counter is set elsewhere too', loopOf(down, `${mark} local.get $i local.set $i`)],
    ['its step is no power of two', loopOf(`${advance(-5)} br_if 0`, `${mark} local.get $i drop`)],
    [
      'its limit is set in it',
      loopOf(`${advance(-1)} local.get $n i32.ne br_if 0`, `${mark} i32.const 0 local.set $n`),
    ],
    [
      'its counter is another local',
      loopOf('local.get $i i32.const 1 i32.sub local.tee $other local.set $i local.get $i br_if 0', mark),
    ],
    ['there is another way back', loopOf(down, `${mark} local.get $rounds i32.const 3 i32.lt_u br_if 0`)],
    [
      'there is another way out',
      loopOf(down, `${mark} local.get $i i32.const 99 i32.eq if i32.const 1 return end`),
    ],
    ['something follows its branch', loopOf(`${down} nop`, mark)],
    ['it calls', `(func $g) ${loopOf(down, `${mark} call $g`)}`],
    ['it has a loop in it', loopOf(down, `${mark} loop nop end`)],
    ['it fills memory', loopOf(down, `${mark} i32.const 0 i32.const 0 i32.const 0 memory.fill`)],
    ['its branch is taken below the limit', loopOf(`${advance(-1)} local.get $n i32.gt_s br_if 0`, mark)],
  ])('because %s is charged for each round', (_, source) => {
    expect(isCounted(source)).toBe(false)
  })
})
