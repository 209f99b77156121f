import { keccak_256 } from '@noble/hashes/sha3.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commit } from './commitment.ts'
import { toHex } from './hash.ts'
import { merkleRoot } from './merkle.ts'

const text = (value: string) => new TextEncoder().encode(value)

describe('commit', () => {
  it('hashes tag, length and root, each in a word', () => {
    const bytes = text('forty-two bytes of text, more or less so..')
    const length = new Uint8Array(32)
    length[31] = bytes.length
    const preimage = Uint8Array.of(...keccak_256(text('millrace.data.v1')), ...length, ...merkleRoot(bytes))
    expect(commit(bytes)).toBe(toHex(keccak_256(preimage)))
  })

  it('keeps its values: what is signed and stored today must be readable tomorrow', () => {
    expect(commit(new Uint8Array())).toMatchInlineSnapshot(
      `"0x879585ffe1353ab92f9f4999f7ff10526abcef8b1a3314bd0d89ce9e6b315c1a"`,
    )
    expect(commit(text('hello'))).toMatchInlineSnapshot(
      `"0x42551d502f7edae23e1c240df4ae9902b8a32af4164ace6ac9e329ccb718d459"`,
    )
    expect(commit(new Uint8Array(100).fill(1))).toMatchInlineSnapshot(
      `"0xcb73ed1be56c4cdfa0bffaa70bec1d91e005bbdd9812429c662781dfd105a712"`,
    )
  })

  it('tells trailing zeros apart', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.integer({ min: 1, max: 100 }), (bytes, zeros) => {
        const longer = new Uint8Array(bytes.length + zeros)
        longer.set(bytes)
        expect(commit(longer)).not.toBe(commit(bytes))
      }),
    )
  })

  it('changes with any bit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), (bytes, bit) => {
        const flipped = bytes.slice()
        const at = Math.floor(bit / 8) % bytes.length
        flipped[at] = flipped[at]! ^ (1 << (bit % 8))
        expect(commit(flipped)).not.toBe(commit(bytes))
      }),
    )
  })
})
