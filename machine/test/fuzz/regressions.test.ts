/** What fuzzing found, made small by hand: each was a fault once. */
import { describe, expect, it } from 'vitest'
import { guestOf } from '../../src/testing/guest.ts'
import { wat } from '../../src/testing/wat.ts'

const CANONICAL = 0x7ff8000000000000n

describe('the pass', () => {
  it('makes a NaN canonical that lies below a reference on the stack', () => {
    const guest = guestOf(
      wat(`(module
        (func $second (param f64 funcref) (result i64) local.get 0 i64.reinterpret_f64)
        (func (export "f") (result i64) f64.const 0 f64.const 0 f64.div ref.null func call $second))`),
    )
    expect(BigInt.asUintN(64, guest.call('f') as bigint)).toBe(CANONICAL)
  })
})
