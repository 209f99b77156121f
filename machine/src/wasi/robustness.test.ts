import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ALLOWED_IMPORTS } from '../pass/wasiSignatures.ts'
import { createGuest, Ended, ERRNO } from './testGuest.ts'

const WASI = 'wasi_snapshot_preview1.'
const KNOWN_ERRORS = new Set<number>(Object.values(ERRNO))

/** Small numbers hit descriptors, flags and lengths, the others the edges of memory and of the type. */
const i32 = fc.oneof(
  { weight: 3, arbitrary: fc.nat(8) },
  fc.nat(65_535),
  fc.constantFrom(65_528, 65_532, 65_535, 65_536, -1, -8, 0x7fff_ffff, -0x8000_0000),
)
const i64 = fc.oneof(fc.bigInt(0n, 100n), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n))

/** Any function with arguments of the right types, whatever their sense. */
const anyCall = fc.constantFrom(...ALLOWED_IMPORTS).chain(([name, signature]) => {
  const types = [...signature.slice(0, signature.indexOf('>'))]
  const args = types.map((type): fc.Arbitrary<number | bigint> => (type === 'I' ? i64 : i32))
  return fc.tuple(fc.constant(name), fc.tuple(...args))
})

it('answers any calls over any memory with an error number that it knows', () => {
  const files = { '/a': Uint8Array.of(1, 2, 3), '/b/c': new Uint8Array(100) }
  const memory = fc.array(fc.nat(10), { minLength: 64, maxLength: 64 })
  fc.assert(
    fc.property(memory, fc.array(anyCall, { maxLength: 20 }), (words, calls) => {
      const guest = createGuest({ files, args: ['x'], env: { A: 'b' }, stdin: new Uint8Array(10) })
      words.forEach((word, i) => {
        guest.view().setUint32(4 * i, word, true)
      })
      for (const [name, args] of calls) {
        try {
          if (name.startsWith(WASI))
            expect(KNOWN_ERRORS).toContain(guest.call(name.slice(WASI.length), ...args))
          else guest.abort(...(args as number[]))
          expect(guest.slots()).toBe(0)
        } catch (thrown) {
          // Only these two end a program: nothing traps because of its arguments.
          expect(thrown).toBeInstanceOf(Ended)
          expect(name).toMatch(/proc_exit|abort/)
          return
        }
      }
    }),
    { numRuns: 500 },
  )
})

it('sees memory that has grown since the last call', () => {
  const guest = createGuest({ stdin: Uint8Array.of(7) })
  guest.iovec(0, 70_000, 1)
  expect(guest.call('fd_read', 0, 0, 1, 16)).toBe(ERRNO.fault)
  guest.memory.grow(1)
  expect(guest.call('fd_read', 0, 0, 1, 16)).toBe(ERRNO.success)
  expect(guest.bytes(70_000, 1)).toEqual(Uint8Array.of(7))
})
