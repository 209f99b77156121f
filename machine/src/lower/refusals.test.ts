import { describe, expect, it } from 'vitest'
import { buildProgram } from '../program.ts'
import { randomFrom } from '../random/random.ts'
import { lowerWat, MACHINERY } from '../testing/lowerWat.ts'
import { wat } from '../testing/wat.ts'
import { ModuleRefusedError } from '../wasm/error.ts'
import { lower } from './lower.ts'

describe('what is no canonical program', () => {
  it.each([
    ['nothing', new Uint8Array(0), 'does not begin as a Wasm module'],
    ['a module without an entry', wat('(module)'), 'does not export millrace:run'],
    [
      'an entry of another type',
      wat('(module (func (export "millrace:run")))'),
      'not a function that takes nothing and gives one value',
    ],
    [
      'an entry that is no function',
      wat('(module (global (export "millrace:run") i32 (i32.const 0)))'),
      'its export millrace:run is something else',
    ],
    [
      'a module without the fuel',
      wat('(module (func (export "millrace:run") (result i32) i32.const 0))'),
      'does not export millrace:fuel',
    ],
    [
      'imports other than primitives',
      wat(`(module (import "env" "f" (func)) ${MACHINERY})`),
      'it imports env.f, which is no primitive of the machine',
    ],
    [
      'an imported memory',
      wat(`(module (import "millrace" "halt" (memory 1 1)) ${MACHINERY})`),
      'it imports millrace.halt, which is no primitive',
    ],
    ['a start function', wat(`(module (func $f) (start $f) ${MACHINERY})`), 'it has a start function'],
    [
      'a memory without an end',
      wat(`(module (memory 1) ${MACHINERY})`),
      'have a maximum, and this one has none',
    ],
    [
      'data beyond the memory',
      wat(`(module (memory 1 1) (data (i32.const 65535) "ab") ${MACHINERY})`),
      'data segment 0 does not fit: 2 at 65535',
    ],
    [
      'elements beyond the table',
      wat(`(module (table 1 1 funcref) (elem (i32.const 1) $f) (func $f) ${MACHINERY})`),
      'element segment 0 does not fit: 1 at 1',
    ],
    [
      'three memories',
      wat(`(module (memory 1 1) (memory 1 1) (memory 1 1) ${MACHINERY})`),
      '3 memories; at most 2',
    ],
    ['SIMD', wat(`(module ${MACHINERY} (func v128.const i64x2 0 0 drop))`), 'unknown instruction 0xfd'],
    [
      'SIMD where nothing comes',
      wat(`(module ${MACHINERY} (func return v128.const i64x2 0 0 drop))`),
      '0xfd',
    ],
  ])('%s', (_, bytes, reason) => {
    expect(() => lower(bytes)).toThrow(ModuleRefusedError)
    expect(() => lower(bytes)).toThrow(reason)
  })

  it('a reference to a primitive', () => {
    const halt = '(import "millrace" "halt" (func $halt (param i32)))'
    for (const fields of [
      '(elem declare func $halt) (func ref.func $halt drop)',
      '(table 1 1 funcref) (elem (i32.const 0) $halt)',
      '(global funcref (ref.func $halt))',
    ]) {
      expect(() => lowerWat(fields, halt)).toThrow('it refers to the primitive 0')
    }
  })

  it('says where, and what to give', () => {
    expect(() => lower(wat(`(module ${MACHINERY} (func i32x4.splat))`))).toThrow(
      /\(code, byte \d+\)\. Give a canonical program as this version of the machine makes it\./,
    )
  })
})

/** A program that uses WASI, so that it has two memories, tables and segments. */
const PROGRAM = buildProgram(
  wat(`(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1) (data (i32.const 8) "hello") (data "passive")
    (table 4 funcref) (elem (i32.const 1) $f)
    (func $f (param i32) (result i32 i64) (local f64)
      block (result i32) i32.const 1 local.get 0 br_if 0 drop i32.const 2 end i64.const -99999999999999999)
    (func (export "_start") i32.const 3 i32.const 1 call_indirect (param i32) (result i32 i64) drop call $exit))`),
).canonical

describe('bytes that are wrong', () => {
  // Whether they are found out or not, lowering ends, and throws nothing else.
  const attempt = (bytes: Uint8Array): boolean => {
    try {
      lower(bytes)
      return true
    } catch (error) {
      if (error instanceof ModuleRefusedError) return false
      throw error
    }
  }

  it('at every place but the end, where the file is cut', () => {
    let taken = 0
    for (let length = 0; length < PROGRAM.length; length++)
      taken += Number(attempt(PROGRAM.subarray(0, length)))
    // Where the last sections are left out as a whole: those of the data and of the module.
    expect(taken).toBeLessThanOrEqual(3)
  })

  it('anywhere', () => {
    const random = randomFrom(1)
    const below = (n: number) => Math.floor(random() * n)
    let refused = 0
    for (let i = 0; i < 1_000; i++) {
      const bytes = PROGRAM.slice()
      for (let n = 1 + below(3); n > 0; n--) bytes[below(bytes.length)] = below(256)
      refused += Number(!attempt(bytes))
    }
    expect(refused).toBeGreaterThan(500)
  })
})
