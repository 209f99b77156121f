import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createLanes } from './lanes.ts'

describe('lanes', () => {
  it('do so much at a time, in order, and nothing twice', async () => {
    const [begun, ended]: string[][] = [[], []]
    let most = 0
    const lanes = createLanes(2, () => {})
    const work = (name: string) => async () => {
      begun!.push(name)
      most = Math.max(most, begun!.length - ended!.length)
      await delay(1)
      ended!.push(name)
    }
    for (const name of ['a', 'b', 'c', 'a', 'c', 'd']) lanes.add(name, work(name))
    await lanes.idle()
    expect(begun).toEqual(['a', 'b', 'c', 'd'])
    expect(most).toBe(2)
    lanes.add('a', work('a'))
    await lanes.idle()
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'a'])
  })

  it('make room for what cannot wait, and let others wait for it', async () => {
    const ready = Promise.withResolvers<void>()
    const begun: string[] = []
    const lanes = createLanes(1, () => {})
    const work = (name: string) => async () => {
      begun.push(name)
      await ready.promise
    }
    for (const name of ['a', 'b', 'c']) lanes.add(name, work(name))
    lanes.hurry('c', work('c'))
    lanes.hurry('d', work('d'))
    lanes.hurry('a', work('a'))
    expect(begun).toEqual(['a', 'c', 'd'])
    ready.resolve()
    await lanes.idle()
    expect(begun).toEqual(['a', 'c', 'd', 'b'])
  })

  it('go on after work that failed, and forget what waits', async () => {
    const failed: [string, unknown][] = []
    const lanes = createLanes(1, (...told) => failed.push(told))
    const done: string[] = []
    const [begun, ready] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    lanes.add('a', () => Promise.reject(new Error('no')))
    lanes.add('b', async () => {
      begun.resolve()
      await ready.promise
      done.push('b')
    })
    lanes.add('c', async () => void done.push('c'))
    await begun.promise
    lanes.clear()
    ready.resolve()
    await lanes.idle()
    expect(failed).toEqual([['a', new Error('no')]])
    expect(done).toEqual(['b'])
  })
})
