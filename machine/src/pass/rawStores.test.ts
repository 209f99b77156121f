import { describe, expect, it } from 'vitest'
import { randomFrom } from '../random/random.ts'
import { canonicalOf, guestOf } from '../testing/guest.ts'
import { wat } from '../testing/wat.ts'

const SEED = 20261121

/** Stores of sums that are NaNs of some kind or numbers, and loads, at distances that touch, overlap and part. */
function accesses(random: () => number): string[] {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const at = () => {
    const offset = Math.floor(random() * 24)
    const base = pick([
      'local.get $p',
      'local.get $q',
      `local.get $p i32.const ${offset} i32.add`,
      `i32.const ${offset}`,
    ])
    return { base, offset: pick(['', `offset=${offset}`]) }
  }
  const value = () => pick(['local.get $nan', 'local.get $one', 'f64.const inf', 'local.get $odd'])
  return Array.from({ length: 12 }, () => {
    const { base, offset } = at()
    return pick([
      `${base} ${value()} ${value()} f64.add f64.store ${offset}`,
      `${base} ${value()} ${value()} f64.add f64.store ${offset}`,
      `${base} ${value()} ${value()} f64.mul f32.demote_f64 f32.store ${offset}`,
      `${base} ${value()} f64.store ${offset}`,
      `${base} i32.const 77 i32.store8 ${offset}`,
      `${base} i64.load ${offset} local.get $sum i64.const 3 i64.rotl i64.xor local.set $sum`,
      `${base} f64.load ${offset} i64.reinterpret_f64 local.get $sum i64.xor local.set $sum`,
      `local.get $p i32.const 8 i32.add local.set $p`,
    ])
  })
}

const moduleOf = (code: string) => `(module (memory 1) (func $nothing)
  (func (export "f") (param $p i32) (param $q i32) (param $nan f64) (param $odd f64) (result i64)
    (local $sum i64) (local $one f64) f64.const 1 local.set $one
    ${code} local.get $sum))`

const outcome = (code: string) => {
  const guest = guestOf(wat(moduleOf(code)))
  const bits = guest.call('f', 16, 20, 0x7ff4000000000001n, -0x7000000000001n)
  return [bits, Buffer.from((guest.exports.memory as WebAssembly.Memory).buffer, 0, 256).toString('hex')]
}

describe('float stores', () => {
  it(`that are looked at together do what each alone does (seed ${SEED})`, () => {
    const random = randomFrom(SEED)
    for (let i = 0; i < 100; i++) {
      const list = accesses(random)
      // A call makes each store be looked at on its own.
      expect(outcome(list.join(' ')), `program ${i}`).toEqual(outcome(list.join(' call $nothing ')))
    }
  })

  it('beside each other are looked at once', () => {
    const store = (offset: number) =>
      `local.get $p local.get $odd local.get $nan f64.add f64.store offset=${offset}`
    const size = (code: string) => canonicalOf(wat(moduleOf(code))).canonical
    const looks = (code: string) => size(code).filter((byte) => byte === 0x62).length
    expect(looks([0, 8, 16].map(store).join(' '))).toBe(looks('') + 1)
    expect(looks([0, 4, 8].map(store).join(' '))).toBe(looks('') + 1)
  })
})
