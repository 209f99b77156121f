import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BadEncodingError } from './errors.ts'
import { decodeInput, encodeInput, type JobInput } from './input.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => !value.includes('\0'))
const name = text.filter((value) => value !== '' && !value.includes('='))
const segment = text.filter((value) => !['', '.', '..'].includes(value) && !value.includes('/'))
// A letter by depth keeps files and folders apart.
const path = fc
  .array(segment, { minLength: 1, maxLength: 3 })
  .map((parts) => parts.map((part, depth) => `/${depth === parts.length - 1 ? 'f' : 'd'}${part}`).join(''))
const bytes = fc.uint8Array({ maxLength: 40 })

const jobInput: fc.Arbitrary<JobInput> = fc.record({
  args: fc.array(text, { maxLength: 4 }),
  env: fc.dictionary(name, text, { maxKeys: 4 }),
  stdin: bytes,
  files: fc.dictionary(path, bytes, { maxKeys: 4 }),
  clock: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  seed: fc.uint8Array({ minLength: 32, maxLength: 32 }),
})

describe('encodeInput and decodeInput', () => {
  it('round trip every input', () => {
    fc.assert(
      fc.property(jobInput, (input) => {
        const decoded = decodeInput(encodeInput(input))
        expect({ ...decoded, env: { ...decoded.env }, files: { ...decoded.files } }).toEqual({
          ...input,
          env: { ...input.env },
          files: { ...input.files },
        })
      }),
    )
  })

  it('give one encoding whatever the order of keys', () => {
    const forward = encodeInput({ env: { A: '1', B: '2' }, files: { '/a': bytesOf(1), '/b/c': bytesOf(2) } })
    const backward = encodeInput({ env: { B: '2', A: '1' }, files: { '/b/c': bytesOf(2), '/a': bytesOf(1) } })
    expect(backward).toEqual(forward)
  })

  it('refuse mutated bytes, or read another input that encodes to just those bytes', () => {
    fc.assert(
      fc.property(jobInput, fc.nat(), fc.nat(255), (input, pick, value) => {
        const mutated = encodeInput(input)
        mutated[pick % mutated.length] = value
        expectRefusedOrCanonical(mutated)
      }),
      { numRuns: 500 },
    )
  })

  it('refuse bytes cut short, and bytes with something after them', () => {
    fc.assert(
      fc.property(jobInput, fc.nat(), (input, pick) => {
        const whole = encodeInput(input)
        expect(() => decodeInput(whole.subarray(0, pick % whole.length))).toThrow(BadEncodingError)
        expect(() => decodeInput(Uint8Array.of(...whole, 0))).toThrow(BadEncodingError)
      }),
    )
  })

  it('keep an own property called __proto__', () => {
    const env = Object.fromEntries([['__proto__', 'x']])
    expect(Object.entries(decodeInput(encodeInput({ env })).env)).toEqual([['__proto__', 'x']])
  })

  it('keep a byte order mark', () => {
    expect(decodeInput(encodeInput({ args: ['\ufeffx'] })).args).toEqual(['\ufeffx'])
  })
})

describe('encodeInput', () => {
  const refused: [string, Partial<JobInput>, RegExp][] = [
    ['a relative path', { files: { 'a/b': bytesOf() } }, /not absolute/],
    ['a path with ..', { files: { '/a/../b': bytesOf() } }, /not absolute and normalised/],
    ['a path with an empty part', { files: { '/a//b': bytesOf() } }, /not absolute and normalised/],
    ['a path that ends in /', { files: { '/a/': bytesOf() } }, /not absolute and normalised/],
    ['a path of 4097 bytes', { files: { [`/${'a/'.repeat(2048)}`]: bytesOf() } }, /4096 bytes/],
    ['a file inside a file', { files: { '/a': bytesOf(), '/a/b': bytesOf() } }, /is a file and a folder/],
    ['a NUL in an argument', { args: ['a\0b'] }, /NUL/],
    ['a nameless variable', { env: { '': 'x' } }, /without a name/],
    ['= in a name', { env: { 'a=b': 'x' } }, /"="/],
    ['half a surrogate pair', { args: ['\ud800'] }, /well-formed/],
    ['a short seed', { seed: bytesOf(1) }, /seed of 1 bytes/],
    ['too many arguments', { args: new Array(65_537).fill('') }, /65537 entries/],
    ['a negative clock', { clock: -1n }, /clock/],
  ]
  it.each(refused)('refuses %s', (_, input, reason) => {
    expect(() => encodeInput(input)).toThrow(reason)
    expect(() => encodeInput(input)).toThrow(BadEncodingError)
  })
})

describe('decodeInput', () => {
  it('refuses names out of order', () => {
    const swapped = encodeInput({ env: { A: '', B: '' } })
    const a = swapped.indexOf(0x41)
    const b = swapped.indexOf(0x42)
    swapped[a] = 0x42
    swapped[b] = 0x41
    expect(() => decodeInput(swapped)).toThrow(/"A" is out of order/)
  })

  it('refuses an unknown version and says which it knows', () => {
    const future = encodeInput()
    future[4] = 2
    expect(() => decodeInput(future)).toThrow('version 2 is not known, only 1')
  })

  it('refuses a count of four thousand million without trying', () => {
    const huge = encodeInput()
    huge.fill(0xff, 48, 52)
    expect(() => decodeInput(huge)).toThrow('4294967295 entries in a list; 65536 is the most')
  })

  it('refuses a file inside a file, also with other paths between them', () => {
    const paths = ['/a', '/a-b', '/axb']
    const nested = encodeInput({ files: Object.fromEntries(paths.map((each) => [each, bytesOf()])) })
    nested[nested.lastIndexOf(0x78)] = 0x2f // "/axb" becomes "/a/b"
    expect(() => decodeInput(nested)).toThrow('"/a" is a file and a folder')
  })
})

function bytesOf(...values: number[]): Uint8Array {
  return Uint8Array.from(values)
}

function expectRefusedOrCanonical(mutated: Uint8Array): void {
  let decoded: JobInput
  try {
    decoded = decodeInput(mutated)
  } catch (error) {
    expect(error).toBeInstanceOf(BadEncodingError)
    return
  }
  expect(encodeInput(decoded)).toEqual(mutated)
}
