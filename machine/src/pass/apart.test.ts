import { describe, expect, it } from 'vitest'
import { randomFrom } from '../random/random.ts'
import { canonicalOf, type Guest, guestOf } from '../testing/guest.ts'
import { wat } from '../testing/wat.ts'

/** Its first byte and its last differ from those of the canonical NaN. */
const ODD = BigInt.asIntN(64, 0xfff4000000000001n)
const PAGE = 1 << 16

/** A loop of a counter that goes up by 8; memory holds NaNs of odd bits, which give raw ones. */
const moduleOf = (body: string) => `(module (memory 1) (func $nothing)
  (func (export "f") (param $p i32) (param $q i32) (param $limit i32) (result i64)
    (local $i i32) (local $sum i64) (local $one f64)
    f64.const 1 local.set $one
    loop ${body} local.get $i i32.const 8 i32.add local.tee $i local.get $limit i32.ne br_if 0 end
    local.get $sum))`

const at = (base: string, plus = 0) => `local.get ${base} local.get $i i32.add i32.const ${plus} i32.add`
/** A NaN, whose bits were odd and which came out of arithmetic. */
const NAN = 'local.get $i f64.load offset=320 local.get $one f64.mul'
const store = (base: string, plus = 0) => `${at(base, plus)} ${NAN} f64.store`
const hash = (load: string) => `local.get $sum i64.const 5 i64.rotl ${load} i64.xor local.set $sum`

const guests = new Map<string, Guest>()

/** What the loop gives and leaves behind, if there are NaNs at some places. */
function outcome(
  body: string,
  [p, q]: readonly [number, number],
  rounds: number,
  nans = Array.from({ length: 64 }, (_, i) => 8 * i),
): unknown[] {
  const guest = guests.get(body) ?? guestOf(wat(moduleOf(body)))
  guests.set(body, guest)
  const memory = new DataView((guest.exports.memory as WebAssembly.Memory).buffer)
  for (let byte = 0; byte < 512; byte += 8) memory.setFloat64(byte, byte, true)
  for (const byte of nans) memory.setBigInt64(byte, ODD + BigInt(byte), true)
  const sum = guest.call('f', p, q, 8 * rounds)
  return [sum, Buffer.from(memory.buffer, 0, 512).toString('hex')]
}

/** The same where each store is looked at on its own, for a call follows. */
const apart = (...accesses: readonly string[]) => accesses.join(' call $nothing ')
const versions = (body: string) => (canonicalOf(wat(moduleOf(body))).canonical.includes(0x4d) ? 2 : 1)

describe('a loop that counts, and stores floats', () => {
  const loads = [
    `${at('$q')} i64.load`,
    `${at('$q')} i64.load8_u`,
    `${at('$q')} i64.load32_u offset=3`,
    `${at('$q')} f64.load i64.reinterpret_f64`,
  ].map(hash)

  it.each(loads)('sees what it stored, however far apart: %s', (load) => {
    const accesses = [store('$p'), load, store('$p', 8)]
    expect(versions(accesses.join(' '))).toBe(2)
    for (let distance = -20; distance <= 20; distance++) {
      for (const rounds of [1, 2, 3]) {
        const places = [128, 128 + distance] as const
        const expected = outcome(apart(...accesses), places, rounds)
        expect(outcome(accesses.join(' '), places, rounds), `${distance} apart`).toEqual(expected)
      }
    }
  })

  it('makes a NaN canonical in the first, a middle or the last round, and goes as often as it should', () => {
    const accesses = [store('$p'), hash(`${at('$q')} f64.load i64.reinterpret_f64`)]
    for (let rounds = 1; rounds <= 5; rounds++) {
      for (let nan = 0; nan < rounds; nan++) {
        const [expected, actual] = [apart(...accesses, ''), accesses.join(' ')].map((body) =>
          outcome(body, [64, 192], rounds, [320 + 8 * nan]),
        )
        expect(actual).toEqual(expected)
      }
    }
  })

  it('does the same with stores and loads of random places (seed 20261122)', () => {
    const random = randomFrom(20261122)
    const below = (bound: number) => Math.floor(random() * bound)
    let both = 0
    for (let i = 0; i < 150; i++) {
      const accesses = Array.from({ length: 2 + below(4) }, () => {
        const base = ['$p', '$q'][below(2)]!
        const place = random() < 0.2 ? `local.get ${base}` : at(base, below(3) * 8 + below(2) * below(8))
        const nan = `${place} ${[NAN, `${at('$q')} f64.load local.get $one f64.mul`][below(2)]} f64.store`
        const step = `local.get ${base} i32.const ${8 * below(3) - 8} i32.add local.set ${base}`
        return [nan, nan, nan, nan, hash(`${place} i64.load`), hash(`${place} i64.load`), step][below(7)]!
      })
      const body = accesses.join(' ')
      both += versions(body) - 1
      const places = [128 + below(24), 128 + below(24)] as const
      const rounds = 1 + below(5)
      expect(outcome(body, places, rounds), body).toEqual(outcome(apart(...accesses), places, rounds))
    }
    expect(both).toBeGreaterThan(30)
  })

  it('is paid for in front, in whichever version, and for all rounds where it traps', () => {
    const body = `${store('$p')} ${hash(`${at('$q')} i64.load`)} ${store('$p', 8)}`
    const guest = guestOf(wat(moduleOf(body)))
    const cost = (rounds: number, p: number, q: number) => {
      guest.reset()
      const before = guest.fuel.value
      const run = () => guest.call('f', p, q, 8 * rounds)
      if (p + 8 * rounds < PAGE) run()
      else expect(run).toThrow(WebAssembly.RuntimeError)
      return before - guest.fuel.value
    }
    const [one, two, six] = [1, 2, 6].map((rounds) => cost(rounds, 0, 4096)) as [bigint, bigint, bigint]
    expect(six - two).toBe(4n * (two - one))
    expect(cost(6, 0, 4)).toBe(six)
    expect(cost(6, PAGE - 32, 4096)).toBe(six)
    expect(cost(6, PAGE - 32, PAGE - 36)).toBe(six)
  })
})
