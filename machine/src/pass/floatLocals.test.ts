import { describe, expect, it } from 'vitest'
import { canonicalOf, guestOf } from '../testing/guest.ts'
import { wat } from '../testing/wat.ts'

const CANONICAL = 0x7ff8000000000000n
const ODD = 0x7ff4000000000001n

const moduleOf = (code: string, more = 0) => `(module (memory 1)
  (func (export "f") (param $odd f64) (param $n i32) (result i64)
    (local $x f64) (local $y f64) (local ${'f64 '.repeat(more)}) i32.const 0 local.get $odd f64.store ${code}))`

/** What the code leaves, where `$odd`, and memory, hold a NaN with bits of its own. */
function bits(code: string, n = 0, more = 0): bigint {
  return BigInt.asUintN(64, guestOf(wat(moduleOf(code, more))).call('f', ODD, n) as bigint)
}

/** Places where a NaN is made canonical or looked for. */
function looks(code: string): number {
  const { canonical } = canonicalOf(wat(moduleOf(code)))
  const [eq, ne] = [0x61, 0x62]
  return canonical.filter((byte) => byte === eq || byte === ne).length
}

const raw = 'local.get $odd f64.const 1 f64.mul local.set'
const exact = 'i32.const 0 f64.load local.set'
const end = 'i64.const 0'

describe('a float local that holds one value after another', () => {
  it('is looked at for none of them where only arithmetic sees them', () => {
    const use = (local: string) => `local.get ${local} local.get ${local} f64.add drop`
    const code = `${exact} $x ${use('$x')} ${raw} $x ${use('$x')} ${exact} $x ${use('$x')} ${end}`
    expect(looks(code)).toBe(looks(end))
  })

  it('keeps the bits of what the program made, and not of what the processor made', () => {
    const see = 'local.get $x i64.reinterpret_f64 i64.xor'
    expect(bits(`${end} ${exact} $x ${see}`)).toBe(ODD)
    expect(bits(`${end} ${exact} $x ${raw} $x ${see}`)).toBe(CANONICAL)
    expect(bits(`${end} ${raw} $x ${exact} $x ${see}`)).toBe(ODD)
    expect(bits(`${end} ${raw} $x ${see} ${exact} $x ${see}`)).toBe(CANONICAL ^ ODD)
    expect(bits(`${end} ${exact} $x ${see} ${raw} $x ${see}`)).toBe(CANONICAL ^ ODD)
  })

  it('is exact for both where they come together', () => {
    const both = `local.get $n if ${exact} $x else ${raw} $x end local.get $x i64.reinterpret_f64`
    expect([bits(both, 1), bits(both, 0)]).toEqual([ODD, CANONICAL])
    const around = `${exact} $x loop
      local.get $x local.set $y ${raw} $x
      local.get $n i32.const 1 i32.sub local.tee $n i32.const 0 i32.gt_s br_if 0
    end local.get $y i64.reinterpret_f64`
    expect([bits(around, 1), bits(around, 2)]).toEqual([ODD, CANONICAL])
  })

  it('comes through a copy as it was', () => {
    const copied = (set: string) => `${raw} $x ${raw} $y ${set} $x local.get $x local.set $y
      local.get $y i64.reinterpret_f64`
    expect([bits(copied(exact)), bits(copied(raw))]).toEqual([ODD, CANONICAL])
  })

  it('is looked at again for a parameter that is set', () => {
    const see = 'local.get $odd f64.const 2 f64.lt drop'
    expect(looks(`${see} ${raw} $odd ${see} ${end}`)).toBe(looks(end))
    expect(bits(`${raw} $odd local.get $odd i64.reinterpret_f64`)).toBe(CANONICAL)
    expect(bits('local.get $odd i64.reinterpret_f64')).toBe(ODD)
    expect(bits(`local.get $n if ${raw} $odd end local.get $odd i64.reinterpret_f64`, 0)).toBe(ODD)
    expect(bits(`local.get $n if ${raw} $odd end local.get $odd i64.reinterpret_f64`, 1)).toBe(CANONICAL)
  })

  it('is right in a body with too many for webs, too', () => {
    const locals = Array.from({ length: 1001 }, (_, i) => i + 4)
    const set = locals.map((local) => `${exact} ${local} local.get $n if ${raw} ${local} end`)
    const see = locals.map((local) => `local.get ${local} i64.reinterpret_f64 i64.xor`)
    const code = `${set.join(' ')} i64.const 0 ${see.join(' ')}`
    expect([bits(code, 0, 1001), bits(code, 1, 1001)]).toEqual([ODD, CANONICAL])
  })
})
