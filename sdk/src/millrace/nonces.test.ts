import { expect, it } from 'vitest'
import { createMillraceClient } from '../client/client.ts'
import { takeNonces } from './nonces.ts'

it('counts upwards within a word of 256, and a later client begins past an earlier one', () => {
  const at = (now: number) => createMillraceClient({ matcher: 'http://m', now: () => now })
  const client = at(1_700_000_000_000)
  const first = takeNonces(client, 3)
  expect(first % 256n).toBe(0n)
  expect(takeNonces(client, 1)).toBe(first + 3n)
  expect(takeNonces(client, 1)).toBe(first + 4n)
  expect(takeNonces(at(1_700_000_000_001), 1)).toBe(first + 256n)
  expect(first).toBeLessThan(2n ** 64n)
})
