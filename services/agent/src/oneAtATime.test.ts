import { describe, expect, it } from 'vitest'
import { oneAtATime } from './oneAtATime.ts'

describe('oneAtATime', () => {
  it('never overlaps, and runs once more for all who asked meanwhile', async () => {
    const gates: (() => void)[] = []
    let active = 0
    let runs = 0
    const ask = oneAtATime(async () => {
      expect(++active).toBe(1)
      runs++
      await new Promise<void>((resolve) => gates.push(resolve))
      active--
    })
    const first = ask()
    const later = [ask(), ask(), ask()]
    gates.shift()!()
    await first
    await expect.poll(() => gates.length).toBe(1)
    gates.shift()!()
    await Promise.all(later)
    expect(runs).toBe(2)
  })

  it('tells a failure to whoever asked for that run, and goes on', async () => {
    let runs = 0
    const ask = oneAtATime(async () => {
      if (++runs === 1) throw new Error('once')
    })
    const first = ask()
    const second = ask()
    await expect(first).rejects.toThrow('once')
    await expect(second).resolves.toBeUndefined()
    await expect(ask()).resolves.toBeUndefined()
    expect(runs).toBe(3)
  })
})
