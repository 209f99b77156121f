import { describe, expect, it } from 'vitest'
import { chooseEvicted } from './budget.ts'

const stored = [
  { root: 'new', size: 40, usedAt: 3 },
  { root: 'old', size: 30, usedAt: 1 },
  { root: 'needed', size: 20, usedAt: 0 },
]
const needed = new Set(['needed'])
const roots = (limit: number, incoming: number) =>
  chooseEvicted(stored, needed, incoming, limit)?.map(({ root }) => root)

describe('chooseEvicted', () => {
  it('evicts nothing where there is room, to the last byte', () => {
    expect(roots(100, 10)).toEqual([])
  })
  it('evicts the longest unused first, and no more than it must', () => {
    expect(roots(100, 11)).toEqual(['old'])
    expect(roots(100, 41)).toEqual(['old', 'new'])
  })
  it('never evicts what a live lease needs', () => {
    expect(roots(100, 81)).toBeUndefined()
  })
})
