import { keccak_256 } from '@noble/hashes/sha3.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from './hash.ts'
import { merklePath, merkleRoot, rootFromPath, treeDepth } from './merkle.ts'

const ZERO = new Uint8Array(32)

/** The definition, word for word: slow, recursive, and with another keccak. */
function naiveRoot(bytes: Uint8Array, depth: number): Uint8Array {
  if (depth === 0) {
    const leaf = new Uint8Array(32)
    leaf.set(bytes.subarray(0, 32))
    return leaf
  }
  const half = 32 * 2 ** (depth - 1)
  const left = naiveRoot(bytes.subarray(0, half), depth - 1)
  const right = naiveRoot(bytes.subarray(half), depth - 1)
  if (toHex(left) === toHex(ZERO) && toHex(right) === toHex(ZERO)) return ZERO
  return keccak_256(Uint8Array.of(...left, ...right))
}

const sparseBytes = fc
  .array(fc.oneof(fc.constant(0), fc.nat(255)), { maxLength: 700 })
  .map((b) => Uint8Array.from(b))

describe('merkleRoot', () => {
  it('follows the definition', () => {
    fc.assert(
      fc.property(sparseBytes, (bytes) => {
        expect(toHex(merkleRoot(bytes))).toBe(toHex(naiveRoot(bytes, treeDepth(bytes.length))))
      }),
    )
  })

  it('follows it beyond what is hashed at once', () => {
    const bytes = new Uint8Array(2 * 65_536 + 1).map((_, i) => (i % 5000 < 3000 ? i * i : 0))
    const root = toHex(naiveRoot(bytes, 13))
    expect(toHex(merkleRoot(bytes))).toBe(root)
    for (const index of [0, 2047, 2048, 4096, 5000, 8191]) {
      const leaf = new Uint8Array(32)
      leaf.set(bytes.subarray(index * 32, index * 32 + 32))
      expect(toHex(rootFromPath(leaf, index, merklePath(bytes, index)))).toBe(root)
    }
  })

  it('is the padded leaf for at most 32 bytes', () => {
    expect(toHex(merkleRoot(Uint8Array.of(7)))).toBe(`0x07${'00'.repeat(31)}`)
    expect(toHex(merkleRoot(new Uint8Array()))).toBe(toHex(ZERO))
  })

  it('is zero over zeros at any length', () => {
    expect(toHex(merkleRoot(new Uint8Array(1000)))).toBe(toHex(ZERO))
  })

  it('never writes to what it was given', () => {
    const bytes = new Uint8Array(200).fill(9)
    merkleRoot(bytes)
    expect(bytes.every((byte) => byte === 9)).toBe(true)
  })
})

describe('merklePath', () => {
  it('leads from any leaf to the root', () => {
    fc.assert(
      fc.property(sparseBytes, fc.nat(), (bytes, pick) => {
        const depth = treeDepth(bytes.length)
        const index = pick % 2 ** depth
        const leaf = new Uint8Array(32)
        leaf.set(bytes.subarray(index * 32, index * 32 + 32))
        const path = merklePath(bytes, index)
        expect(path).toHaveLength(depth)
        expect(toHex(rootFromPath(leaf, index, path))).toBe(toHex(merkleRoot(bytes)))
      }),
    )
  })

  it('refuses a leaf outside the tree', () => {
    expect(() => merklePath(new Uint8Array(64), 2)).toThrow(RangeError)
    expect(() => merklePath(new Uint8Array(64), -1)).toThrow(RangeError)
  })
})
