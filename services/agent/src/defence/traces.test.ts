import { setImmediate } from 'node:timers/promises'
import type { Ending, Tracer } from '@millrace/sdk'
import type { Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import { createTraces, type TracedRun, TracesClosedError } from './traces.ts'

const LATER = 1_000n
const hash = (step: bigint): Hex => `0x${step.toString(16).padStart(64, '0')}`

/** Runs whose every answer waits until the test lets it go. */
function bench() {
  const told: string[] = []
  const open = new Set<string>()
  let most = 0
  const held: { what: string; go: () => void; fail: (error: Error) => void }[] = []
  const hold = <T>(what: string, value: T) =>
    new Promise<T>((resolve, reject) => {
      told.push(what)
      held.push({ what, go: () => resolve(value), fail: reject })
    })
  const run = (key: string): TracedRun => ({
    key,
    open: async () => {
      open.add(key)
      most = Math.max(most, open.size)
      told.push(`open ${key}`)
      const tracer: Tracer = {
        statesAt: (steps) => hold(`${key} at ${steps}`, steps.map(hash)),
        ending: () => hold(`${key} ending`, { steps: 9n } as Ending),
        proveAt: (step) => hold(`${key} proves ${step}`, { state: '0x', witness: '0x', next: '0x' } as const),
        lookAt: () => hold(`${key} looks`, {} as never),
        close: async () => {
          open.delete(key)
          told.push(`close ${key}`)
        },
      }
      return tracer
    },
  })
  const settled = async () => {
    for (let turn = 0; turn < 30; turn++) await setImmediate()
  }
  const next = async () => {
    await settled()
    held.shift()!.go()
    await settled()
  }
  return { told, run, next, settled, held, most: () => most }
}

describe('traces', () => {
  it('run a job once for all of its games, and remember what it said', async () => {
    const { told, run, next } = bench()
    const traces = createTraces(1)
    const games = Array.from({ length: 10 }, () => traces.share(run('a'), () => LATER))
    const endings = games.map((game) => game.ending())
    const states = games.map((game) => game.statesAt([1n, 2n]))
    await next()
    await next()
    expect(await Promise.all(endings)).toHaveLength(10)
    expect(await Promise.all(states)).toEqual(games.map(() => [hash(1n), hash(2n)]))
    expect(told).toEqual(['open a', 'a ending', 'a at 1,2'])
    for (const game of games) await game.close()
    expect(told.at(-1)).toBe('close a')
    expect(traces.status()).toEqual({ open: 0, working: 0, waiting: 0 })
  })

  it('serve the clock that runs out first, in as many processes as there are places', async () => {
    const { told, run, next, settled, most } = bench()
    const traces = createTraces(2)
    const deadlines = { a: 40n, b: 30n, c: 10n, d: 20n }
    const asked = Object.entries(deadlines).map(([key, deadline]) =>
      traces.share(run(key), () => deadline).proveAt(deadline),
    )
    await settled()
    // Two had places before the others came; of those that waited the more urgent is first.
    expect(traces.status()).toEqual({ open: 2, working: 2, waiting: 2 })
    await next()
    await next()
    await next()
    await next()
    await Promise.all(asked)
    expect(told.filter((line) => line.includes('proves'))).toEqual([
      ...['a proves 40', 'b proves 30', 'c proves 10', 'd proves 20'],
    ])
    expect(most()).toBe(2)
  })

  it('leave a process to the game that asks on, and end it for one that has more haste', async () => {
    const { told, run, next } = bench()
    const traces = createTraces(1)
    const [slow, fast] = [traces.share(run('slow'), () => 20n), traces.share(run('fast'), () => 10n)]
    const first = slow.ending().then(() => slow.statesAt([1n]))
    const second = fast.ending()
    await next()
    // "fast" waited while "slow" was busy; it has more haste than the next question of "slow".
    await next()
    await second
    await next()
    await first
    expect(told).toEqual([
      ...['open slow', 'slow ending', 'close slow', 'open fast', 'fast ending', 'close fast'],
      ...['open slow', 'slow at 1'],
    ])

    const more = slow.statesAt([2n]).then(() => slow.statesAt([3n]))
    const calm = traces.share(run('calm'), () => 90n).ending()
    await next()
    await next()
    await more
    await next()
    await calm
    expect(told.slice(8)).toEqual(['slow at 2', 'slow at 3', 'close slow', 'open calm', 'calm ending'])
  })

  it('stand beside each other while there is memory, so that games that take turns make one run each', async () => {
    const { told, run, next, settled, most } = bench()
    const traces = createTraces(1, () => true)
    const [a, b] = [traces.share(run('a'), () => 10n), traces.share(run('b'), () => 20n)]
    for (const step of [1n, 2n]) {
      const asked = [a, b].map((game) => game.proveAt(step))
      await settled()
      expect(traces.status()).toMatchObject({ working: 1, waiting: 1 })
      await next()
      await next()
      await Promise.all(asked)
    }
    expect(told).toEqual([...['open a', 'a proves 1', 'open b', 'b proves 1', 'a proves 2', 'b proves 2']])
    expect(most()).toBe(2)
  })

  it('say when no game needs the machine', async () => {
    const { run, next } = bench()
    const traces = createTraces(1)
    await traces.quiet()
    let quiet = false
    const game = traces.share(run('a'), () => LATER)
    const ending = game.ending()
    const waiting = traces.quiet().then(() => {
      quiet = true
    })
    await setImmediate()
    expect(quiet).toBe(false)
    await next()
    await ending
    await waiting
    // The process stands, and waits for the other side: jobs go on meanwhile.
    expect(traces.status()).toEqual({ open: 1, working: 0, waiting: 0 })
  })

  it('take a fresh process after one that died', async () => {
    const { told, run, settled, held, next } = bench()
    const traces = createTraces(1)
    const game = traces.share(run('a'), () => LATER)
    const first = game.ending()
    first.catch(() => {})
    await settled()
    held.shift()!.fail(new Error('out of memory'))
    await expect(first).rejects.toThrow('out of memory')
    const second = game.ending()
    await next()
    await second
    expect(told).toEqual(['open a', 'a ending', 'close a', 'open a', 'a ending'])
  })

  it('end with the agent, whatever is asked', async () => {
    const { told, run } = bench()
    const traces = createTraces(1)
    const waits = traces.share(run('b'), () => LATER)
    const opening = traces.share(run('a'), () => LATER).ending()
    const waiting = waits.ending()
    const failed = [expect(opening), expect(waiting)].map((each) => each.rejects.toThrow(TracesClosedError))
    await traces.close()
    await Promise.all(failed)
    await expect(waits.ending()).rejects.toThrow(TracesClosedError)
    expect(told).toEqual(['open a', 'close a'])
  })
})
