import { describe, expect, it } from 'vitest'
import { randomFrom } from '../random/random.ts'
import { type Calls, guard } from './guards.ts'

const SEED = 20261122

const plan = (calls: Partial<Calls> & Pick<Calls, 'functions' | 'slots'>) =>
  guard({
    types: 0,
    direct: { from: [], to: [] },
    indirect: { from: [], type: [] },
    taken: [],
    typeOf: new Array(calls.functions).fill(0),
    exposed: [],
    ...calls,
  })

describe('guards', () => {
  it('stand nowhere in calls that never come round; the entry looks for all of them', () => {
    const { of, entry } = plan({ functions: 3, slots: [20, 30, 50], direct: { from: [0, 0], to: [1, 2] } })
    expect(of).toEqual([null, null, null])
    expect(entry([0])).toEqual({ take: 0, floor: 70 })
  })

  it('stand in what calls itself, for itself and what it calls', () => {
    const { of, entry } = plan({
      functions: 3,
      slots: [20, 30, 50],
      direct: { from: [0, 1, 1], to: [1, 1, 2] },
    })
    expect(of).toEqual([null, { take: 30, floor: 50 }, null])
    // The frame of the first stays while the second takes its own.
    expect(entry([0])).toEqual({ take: 20, floor: 0 })
  })

  it('stand where a cycle goes through a table, and take for those on the way', () => {
    const { of } = plan({
      functions: 3,
      slots: [20, 30, 50],
      types: 1,
      taken: [0, 2],
      direct: { from: [0], to: [1] },
      indirect: { from: [1], type: [0] },
    })
    // The third is only called: it leads nowhere.
    expect(of).toEqual([{ take: 50, floor: 50 }, null, null])
  })

  it('cut a way that would hold too much', () => {
    const count = 40
    const from = Array.from({ length: count }, (_, i) => i)
    const to = from.map((i) => (i + 1 === count ? count - 1 : i + 1))
    const { of } = plan({ functions: count, slots: new Array(count).fill(30), direct: { from, to } })
    const takes = of.filter((each) => each !== null).map(({ take }) => take)
    expect(takes.length).toBeGreaterThan(3)
    expect(takes.length).toBeLessThan(10)
    expect(Math.max(...takes)).toBeLessThanOrEqual(30 + 256)
  })

  it(`keep every way of calls within the slots (seed ${SEED})`, () => {
    const random = randomFrom(SEED)
    const below = (limit: number) => Math.floor(random() * limit)
    let exhausted = 0
    for (let i = 0; i < 300; i++) {
      const functions = 2 + below(12)
      const some = (count: number) => Array.from({ length: count }, () => below(functions))
      const many = below(2 * functions)
      const through = below(5)
      const calls: Calls = {
        functions,
        types: 2,
        direct: { from: some(many), to: some(many) },
        indirect: { from: some(through), type: some(through).map((each) => each % 2) },
        taken: [...new Set(some(below(4)))],
        typeOf: some(functions).map((each) => each % 2),
        slots: some(functions).map((each) => 1 + each * 20),
        exposed: [],
      }
      const guards = guard(calls)
      for (let way = 0; way < 20; way++) if (!followed(calls, guards, 1500, below)) exhausted++
    }
    expect(exhausted).toBeGreaterThan(100)
  })
})

/** Calls at random; true if it came to a function that calls nothing, false if a guard stopped it. */
function followed(
  calls: Calls,
  guards: ReturnType<typeof guard>,
  limit: number,
  below: (limit: number) => number,
) {
  const { direct, indirect, taken, typeOf, slots } = calls
  let at = below(calls.functions)
  const entry = guards.entry([at])
  if (limit - entry.take < entry.floor) return false
  let left = limit - entry.take
  let used = 0
  for (;;) {
    const its = guards.of[at]
    if (its) {
      if (left - its.take < its.floor) return false
      left -= its.take
    }
    used += slots[at]!
    if (used > limit) throw new Error(`${used} slots are used of ${limit}`)
    const types = indirect.type.filter((_, i) => indirect.from[i] === at)
    const next = [
      ...direct.to.filter((_, i) => direct.from[i] === at),
      ...taken.filter((index) => types.includes(typeOf[index]!)),
    ]
    if (next.length === 0) return true
    at = next[below(next.length)]!
  }
}
