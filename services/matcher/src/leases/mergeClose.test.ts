import { describe, expect, it } from 'vitest'
import { isComplete, mergeClose } from './mergeClose.ts'

const provider = { owed: 5n, until: 9n, signature: '0xp', by: 'provider' } as const
const tasker = { owed: 5n, until: 9n, signature: '0xt', by: 'tasker' } as const

describe('mergeClose', () => {
  it('is complete with both signatures over the same figures, in either order', () => {
    const both = { owed: '5', until: '9', taskerSignature: '0xt', providerSignature: '0xp' }
    expect(mergeClose(mergeClose(null, provider), tasker)).toEqual(both)
    expect(mergeClose(mergeClose(null, tasker), provider)).toEqual(both)
    expect(isComplete(both)).toBe(true)
    expect(isComplete(mergeClose(null, tasker))).toBe(false)
  })
  it('drops a signature over other figures', () => {
    const close = mergeClose(mergeClose(null, provider), { ...tasker, owed: 4n })
    expect(close).toEqual({ owed: '4', until: '9', taskerSignature: '0xt' })
  })
})
