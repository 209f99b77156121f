import { keccak_256 } from '@noble/hashes/sha3.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keccak256, keccakOfText, toHex } from './hash.ts'

describe('keccak256', () => {
  it('gives the known hash of nothing', () => {
    expect(toHex(keccak256(new Uint8Array()))).toBe(
      '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
    )
  })

  it('agrees with an independent implementation', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(toHex(keccak256(bytes))).toBe(toHex(keccak_256(bytes)))
      }),
    )
  })

  it('hashes text as UTF-8', () => {
    expect(toHex(keccakOfText('é'))).toBe(toHex(keccak256(Uint8Array.of(0xc3, 0xa9))))
  })
})
