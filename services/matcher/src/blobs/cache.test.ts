import { describe, expect, it } from 'vitest'
import { ByteCache } from './cache.ts'

describe('ByteCache', () => {
  it('drops the longest unused first and never holds more than it may', () => {
    const cache = new ByteCache(10)
    const bytes = new Uint8Array(4)
    cache.put('a', bytes)
    cache.put('b', bytes)
    cache.get('a')
    cache.put('c', bytes)
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([bytes, undefined, bytes])
    cache.put('large', new Uint8Array(11))
    expect(cache.get('large')).toBeUndefined()
    expect(cache.get('a')).toBe(bytes)
  })
})
