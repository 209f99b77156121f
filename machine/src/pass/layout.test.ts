import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Limits } from '../wasm/module.ts'
import { shareElements } from './layout.ts'

const table = (min: number, max: number | null = null): Limits => ({ min, max, offset: 0 })

it.each<[string, Limits[], number[]]>([
  ['all of it for one that names no maximum', [table(10)], [100]],
  ['what it asks for, for one that does', [table(10, 20)], [20]],
  ['all of it for one that asks for more', [table(10, 200)], [100]],
  ['their own maxima, where they fit', [table(0, 60), table(5, 40)], [60, 40]],
  ['what others leave', [table(5, 5), table(10)], [5, 95]],
  ['even shares beyond what they start with', [table(20), table(0), table(0, 10)], [55, 35, 10]],
  ['nothing more where they start with all of it', [table(40), table(60, 70)], [40, 60]],
])('gives the tables %s', (_, tables, shares) => expect(shareElements(tables, 100)).toEqual(shares))

it('never gives more than there is, nor less than a table starts with, nor more than it asks for', () => {
  const some = fc.array(fc.tuple(fc.nat(6), fc.option(fc.nat(200))), { maxLength: 16 })
  fc.assert(
    fc.property(some, (drawn) => {
      const tables = drawn.map(([min, more]) => table(min, more === null ? null : min + more))
      const shares = shareElements(tables, 100)
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(100)
      for (const [i, { min, max }] of tables.entries()) {
        expect(shares[i]).toBeGreaterThanOrEqual(min)
        expect(shares[i]).toBeLessThanOrEqual(max ?? 100)
      }
    }),
  )
})
