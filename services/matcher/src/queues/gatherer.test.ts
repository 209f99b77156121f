import { describe, expect, it, vi } from 'vitest'
import { Gatherer } from './gatherer.ts'

describe('Gatherer', () => {
  it('flushes what came within the window together, and what is too much at once', async () => {
    vi.useFakeTimers()
    const batches: number[][] = []
    const flush = async (items: number[]) => void batches.push(items)
    const gatherer = new Gatherer<number>({ most: 3, windowMs: 20, flush })
    const added = [1, 2, 3, 4].map((item) => gatherer.add(item))
    await Promise.all(added.slice(0, 3))
    expect(batches).toEqual([[1, 2, 3]])
    await vi.advanceTimersByTimeAsync(20)
    await added[3]
    expect(batches).toEqual([[1, 2, 3], [4]])
    vi.useRealTimers()
  })

  it('fails all of a batch with it, and none of the next', async () => {
    const flush = async (items: number[]) => {
      if (items.includes(1)) throw new Error('no chain')
    }
    const gatherer = new Gatherer<number>({ most: 2, windowMs: 1, flush })
    const results = await Promise.allSettled([1, 2, 3].map((item) => gatherer.add(item)))
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected', 'fulfilled'])
  })
})
