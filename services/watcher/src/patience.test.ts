import { expect, it } from 'vitest'
import { createPatience } from './patience.ts'

it('grows with each failure, up to a bound, for each by itself', () => {
  let now = 0
  const patience = createPatience(() => now)
  expect(patience.isOver('a')).toBe(true)
  expect([1, 2, 3, 4, 5].map(() => patience.fail('a'))).toEqual([2, 4, 8, 15, 15])
  expect([patience.isOver('a'), patience.isOver('b')]).toEqual([false, true])
  now = 15_000
  expect(patience.isOver('a')).toBe(true)
})
