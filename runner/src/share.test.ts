import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { dutyOf, holdShare, PERIOD_MS } from './share.ts'

describe('dutyOf', () => {
  it.each([
    [1, 100, 0],
    [0.25, 25, 75],
    [0, 5, 95],
    [7, 100, 0],
  ])('a share of %d runs %d ms and stops %d ms', (share, runMs, stopMs) => {
    expect(dutyOf(share)).toEqual({ runMs, stopMs })
  })
})

describe('holdShare', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const watch = () => {
    const calls: [number, boolean][] = []
    const start = Date.now()
    return { calls, process: { pause: (on: boolean) => void calls.push([Date.now() - start, on]) } }
  }

  it('stops the process for the rest of each period', () => {
    const { calls, process } = watch()
    holdShare(process, 0.4)
    vi.advanceTimersByTime(2 * PERIOD_MS)
    expect(calls).toEqual([
      [40, true],
      [100, false],
      [140, true],
      [200, false],
    ])
  })

  it('leaves the process running at the end', () => {
    const { calls, process } = watch()
    const release = holdShare(process, 0.4)
    vi.advanceTimersByTime(50)
    release()
    vi.advanceTimersByTime(10 * PERIOD_MS)
    expect(calls).toEqual([
      [40, true],
      [50, false],
    ])
  })

  it('sends no signal at all for a whole CPU', () => {
    const { calls, process } = watch()
    holdShare(process, 1)()
    vi.advanceTimersByTime(10 * PERIOD_MS)
    expect(calls).toEqual([])
  })
})
