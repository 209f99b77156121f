import { describe, expect, it } from 'vitest'
import { guestOf } from '../testing/guest.ts'
import { wat } from '../testing/wat.ts'
import { STATE } from './abi.ts'

const guest = (source: string) => guestOf(wat(`(module ${source})`))

/** Fuel that a call takes, and whether it ended by itself. */
function cost(source: string, ...args: unknown[]): number {
  const program = guest(`(memory 1 4) (table 8 16 funcref) ${source}`)
  program.reset(1_000_000n)
  program.call('f', ...args)
  return 1_000_000 - Number(program.fuel.value)
}

function stateAfter(call: () => unknown, program: { state: WebAssembly.Global<'i32'> }): number {
  expect(call).toThrow(WebAssembly.RuntimeError)
  return program.state.value
}

describe('fuel', () => {
  it.each([
    ['nothing', '', 0],
    ['four instructions', 'i32.const 1 i32.const 2 i32.add drop', 4],
    ['marks, which are free', 'block block end loop end end', 0],
    ['one way of an if', 'i32.const 1 if nop nop else nop end nop', 1 + 8 + 2 + 1],
    [
      'the dearer way of an if, where both cost about the same',
      'i32.const 0 if nop nop else nop end nop',
      1 + 8 + 2 + 1,
    ],
    [
      'the way that is taken, where one costs much more',
      `i32.const 0 if ${'nop '.repeat(100)} else nop end nop`,
      1 + 8 + 1 + 1,
    ],
    [
      'the cheap case of a br_table, not for the dear one',
      `block block i32.const 1 br_table 0 1 end ${'nop '.repeat(100)} end nop`,
      1 + 12 + 1,
    ],
    [
      'its dear case',
      `block block i32.const 0 br_table 0 1 end ${'nop '.repeat(100)} end nop`,
      1 + 12 + 1 + 100 + 1,
    ],
    ['a function that only others call, by them', 'call $h call $h', 2 * (8 + 1 + 3)],
    ['what a branch leaves out', 'block br 0 nop nop end nop', 2 + 1],
    ['a branch not taken', 'block i32.const 0 br_if 0 nop end nop', 1 + 8 + 1 + 1],
    ['unreachable code', 'return nop nop nop', 2],
    ['a division', 'i32.const 1 i32.const 1 i32.div_u drop', 3 + 24],
    ['a root', 'f64.const 1 f64.sqrt drop', 2 + 8],
    ['a product', 'i64.const 1 i64.const 1 i64.mul drop', 3 + 2],
    ['integers read and written', 'i32.const 0 i32.const 0 i32.load8_u i32.store16', 2 + 4 + 4],
    ['floats read and written', 'i32.const 0 i32.const 0 f64.load f64.store', 2 + 1 + 1],
    ['a call', 'call $g', 8 + 1 + 1],
    ['an indirect call', 'i32.const 0 call_indirect', 1 + 16 + 1 + 1],
    ['locals set to zero', '(local i64 i64 i64 i64 i64 i64 i64 i64) nop', 1 + 1],
    [
      'values that a branch takes along',
      'block (result i32 i64 f32) i32.const 1 i64.const 2 f32.const 3 br 0 end drop drop drop',
      3 + 2 + 2 + 3,
    ],
    [
      'values that step aside while one below becomes canonical',
      'f64.const 1 f64.sqrt i32.const 2 i32.const 3 block (param f64 i32 i32) drop drop drop end',
      1 + 8 + 2 + 2 + 3,
    ],
    ['nothing copied', 'i32.const 0 i32.const 0 i32.const 0 memory.copy', 4],
    ['bytes copied', 'i32.const 0 i32.const 0 i32.const 17 memory.copy', 4 + 3],
    ['bytes filled', 'i32.const 0 i32.const 0 i32.const 65536 memory.fill', 3 + 64 + 8192],
    ['bytes initialised', 'i32.const 0 i32.const 0 i32.const 3 memory.init $d', 4 + 1],
    ['elements copied', 'i32.const 0 i32.const 0 i32.const 5 table.copy', 3 + 64 + 5 * 64],
    ['elements filled', 'i32.const 0 ref.null func i32.const 5 table.fill', 3 + 64 + 5 * 64],
    ['elements initialised', 'i32.const 0 i32.const 0 i32.const 1 table.init $e', 3 + 64 + 64],
    ['pages', 'i32.const 2 memory.grow drop', 2 + 255 + 2048],
    ['pages beyond the maximum, which are not given', 'i32.const 4 memory.grow drop', 2 + 255],
    ['elements added', 'ref.null func i32.const 8 table.grow drop', 3 + 255 + 8 * 64],
    ['elements beyond the maximum', 'ref.null func i32.const 9 table.grow drop', 3 + 255],
  ])('is charged for %s', (_, code, expected) => {
    const source = `(data $d "abc") (elem $e func $g) (elem (i32.const 0) $g) (func $g nop) (func $h nop nop nop) (func (export "f") ${code})`
    expect(cost(source)).toBe(expected)
  })

  it('is charged by the loop', () => {
    const source = `(func (export "f") (param i32)
      loop local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end)`
    for (const rounds of [1, 2, 100]) expect(cost(source, rounds)).toBe((4 + 8) * rounds)
  })

  it('is charged before a long instruction runs', () => {
    const program = guest(
      '(memory 1) (func (export "f") i32.const 0 i32.const 7 i32.const 65536 memory.fill)',
    )
    program.reset(8258n)
    expect(stateAfter(() => program.call('f'), program)).toBe(STATE.outOfFuel)
    expect(new Uint8Array((program.exports.memory as WebAssembly.Memory).buffer)[0]).toBe(0)
    program.reset(8259n)
    program.call('f')
    expect(program.fuel.value).toBe(0n)
  })

  it('stops an endless loop with all of the limit used', () => {
    const program = guest('(func (export "f") loop nop nop br 0 end)')
    for (const limit of [0n, 1n, 2n, 3n, 1_000_000n]) {
      program.reset(limit)
      expect(stateAfter(() => program.call('f'), program)).toBe(STATE.outOfFuel)
      expect(program.fuel.value).toBe(0n)
    }
  })

  it('is the same at every trap, and the trap is the program\u2019s own', () => {
    const program = guest('(func (export "f") (param i32) nop i32.const 1 local.get 0 i32.div_u drop)')
    for (let i = 0; i < 2; i++) {
      program.reset(100n)
      expect(stateAfter(() => program.call('f', 0), program)).toBe(STATE.running)
      expect(program.fuel.value).toBe(72n)
    }
  })

  it('runs out below what the program takes and at no other limit', () => {
    const program = guest(`(func $fib (export "f") (param i32) (result i32)
      local.get 0 i32.const 2 i32.lt_u if (result i32) local.get 0
      else local.get 0 i32.const 1 i32.sub call $fib local.get 0 i32.const 2 i32.sub call $fib i32.add end)`)
    program.reset(10_000n)
    expect(program.call('f', 6)).toBe(8)
    const used = 10_000n - program.fuel.value
    for (let limit = 0n; limit < used; limit++) {
      program.reset(limit)
      expect(stateAfter(() => program.call('f', 6), program)).toBe(STATE.outOfFuel)
      expect(program.fuel.value).toBe(0n)
    }
    program.reset(used)
    expect(program.call('f', 6)).toBe(8)
    expect(program.fuel.value).toBe(0n)
  })

  it('takes the largest limit', () => {
    const program = guest('(func (export "f") nop)')
    program.call('f')
    expect(program.fuel.value).toBe(2n ** 63n - 2n)
  })
})

describe('growth', () => {
  it('that the host cannot give within the maximum stops the program as the host\u2019s doing', () => {
    const bytes = wat(`(module (import "m" "memory" (memory 1 4))
      (func (export "f") (param i32) (result i32) local.get 0 memory.grow))`)
    // The memory's own maximum is below what the module was promised: its growth fails as if for lack of memory.
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 })
    const program = guestOf(bytes, { m: { memory } })
    expect(program.call('f', 4)).toBe(-1)
    expect(program.call('f', 1)).toBe(1)
    expect(stateAfter(() => program.call('f', 1), program)).toBe(STATE.hostAbort)
  })

  it('of a table follows the same rule', () => {
    const bytes = wat(`(module (import "m" "table" (table 1 4 funcref))
      (func (export "f") (param i32) (result i32) ref.null func local.get 0 table.grow))`)
    const table = new WebAssembly.Table({ initial: 1, maximum: 2, element: 'anyfunc' })
    const program = guestOf(bytes, { m: { table } })
    expect(program.call('f', 4)).toBe(-1)
    expect(program.call('f', 1)).toBe(1)
    expect(stateAfter(() => program.call('f', 1), program)).toBe(STATE.hostAbort)
  })
})
