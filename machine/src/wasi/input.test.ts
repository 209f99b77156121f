import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeInput, encodeInput } from '../io/input.ts'
import { createGuest, Ended } from './testGuest.ts'

/** What the library makes of an input, by whether it lets the program begin. */
function starts(input: Uint8Array): boolean {
  try {
    createGuest(input)
    return true
  } catch (thrown) {
    expect(thrown).toEqual(new Ended('trapped'))
    return false
  }
}

function isCanonical(input: Uint8Array): boolean {
  try {
    decodeInput(input)
    return true
  } catch {
    return false
  }
}

const u32 = (value: number) => [...new Uint8Array(Uint32Array.of(value).buffer)]
const sized = (bytes: Iterable<number>) => [...u32([...bytes].length), ...bytes]
const utf8 = (text: string) => new TextEncoder().encode(text)

interface Lists {
  readonly args?: Iterable<number>[]
  readonly env?: [Iterable<number>, Iterable<number>][]
  readonly files?: [Iterable<number>, Iterable<number>][]
}

/** An input from whatever bytes: nothing is checked or sorted. */
function raw({ args = [], env = [], files = [] }: Lists): Uint8Array {
  const pairs = (list: [Iterable<number>, Iterable<number>][]) => [
    ...u32(list.length),
    ...list.flatMap(([a, b]) => [...sized(a), ...sized(b)]),
  ]
  const head = [...utf8('MRIN'), ...u32(1), ...new Uint8Array(40)]
  return Uint8Array.from([
    ...head,
    ...u32(args.length),
    ...args.flatMap(sized),
    ...pairs(env),
    ...u32(0),
    ...pairs(files),
  ])
}

const name = fc.constantFrom('a', 'b', 'a-b', 'a0', 'é', 'out', 'outer', '.', '..', '...', '', 'a\0')
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => utf8(`/${names.join('/')}`))
const sorted = <T>(list: [Uint8Array, T][]) => list.toSorted(([a], [b]) => Buffer.compare(a, b))
const variable = fc.constantFrom('', 'A', 'B', 'AB', 'A=', 'a'.repeat(70), `${'a'.repeat(70)}b`).map(utf8)

/** Bytes that are UTF-8, nearly so, or not at all. */
const texts = fc
  .array(
    fc.oneof(
      fc
        .constantFrom('plain text', 'é', '€', '\u{10ffff}', '\ud7ff', '\ue000')
        .map((text) => [...utf8(text)]),
      fc.constantFrom(
        [0xc0, 0x80],
        [0xed, 0xa0, 0x80],
        [0xf4, 0x90, 0x80, 0x80],
        [0xe0, 0x9f, 0xbf],
        [0xf0, 0x8f],
        [0],
      ),
      fc.uint8Array({ maxLength: 3 }).map((bytes) => [...bytes]),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.flat())

describe('the library and decodeInput agree on what is canonical', () => {
  it('for paths, in order and out of it', () => {
    const seen = { yes: 0, no: 0 }
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 5, selector: String }), fc.boolean(), (paths, order) => {
        const list = paths.map((each): [Uint8Array, number[]] => [each, []])
        const input = raw({ files: order ? sorted(list) : list })
        const canonical = isCanonical(input)
        seen[canonical ? 'yes' : 'no']++
        expect(starts(input)).toBe(canonical)
      }),
      { numRuns: 400 },
    )
    expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(20)
  })

  it('for variables', () => {
    fc.assert(
      fc.property(fc.array(variable, { maxLength: 4 }), fc.boolean(), (names, order) => {
        const list = names.map((each): [Uint8Array, number[]] => [each, [61]])
        const input = raw({ env: order ? sorted(list) : list })
        expect(starts(input)).toBe(isCanonical(input))
      }),
      { numRuns: 200 },
    )
  })

  it('for text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const input = raw({ args: [text] })
        expect(starts(input)).toBe(isCanonical(input))
      }),
      { numRuns: 500 },
    )
  })

  it('for bytes that were changed, cut off or added', () => {
    const whole = encodeInput({
      args: ['one', 'two'],
      env: { A: 'x', B: '' },
      stdin: new Uint8Array(3),
      files: { '/a/b': new Uint8Array(2), '/c': new Uint8Array() },
    })
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length + 3), (at, value, length) => {
        const changed = new Uint8Array(length)
        changed.set(whole.subarray(0, length))
        if (at < length) changed[at] = value
        expect(starts(changed)).toBe(isCanonical(changed))
        changed.set(whole.subarray(0, length))
        expect(starts(changed)).toBe(length === whole.length)
        const mutated = whole.slice()
        mutated[at] = value
        expect(starts(mutated)).toBe(isCanonical(mutated))
      }),
      { numRuns: 300 },
    )
  })

  it('for texts and lists of many kilobytes', () => {
    const args = [
      'x'.repeat(40_000),
      `${'é'.repeat(20_000)}x`,
      'x'.repeat(7).concat('\u{1f600}'.repeat(9000)),
    ]
    const env = { [`N${'é'.repeat(30_000)}`]: 'v', [`N${'é'.repeat(30_000)}b`]: 'w' }
    const files = Object.fromEntries(
      Array.from({ length: 3000 }, (_, i) => [`/f${i}/${'n'.repeat(i % 50)}x`, new Uint8Array(i % 7)]),
    )
    const input = encodeInput({ args, env, files })
    expect(starts(input)).toBe(true)
    const guest = createGuest(input)
    guest.memory.grow(10)
    expect(guest.call('args_get', 0, 100)).toBe(0)
    const expected = utf8(`${args.join('\0')}\0`)
    expect(Buffer.compare(guest.bytes(100, expected.length), expected)).toBe(0)
    const broken = input.slice()
    broken[input.indexOf(0xc3)] = 0xc2
    broken[input.indexOf(0xc3) + 1] = 0x41
    expect(starts(broken)).toBe(isCanonical(broken))
  })
})
