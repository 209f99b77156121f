import { HttpRequestError } from 'viem'
import { expect, it } from 'vitest'
import { unavailablePart } from './unavailable.ts'

const refused = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

it('tells a chain that is away from a database, though both end in the same socket', () => {
  const chain = new HttpRequestError({ url: 'http://127.0.0.1:1', cause: refused() })
  expect(unavailablePart(chain)).toBe('chain')
  expect(unavailablePart(new Error('Failed query', { cause: refused() }))).toBe('database')
  expect(unavailablePart(new Error('Connection terminated unexpectedly'))).toBe('database')
  expect(unavailablePart(new Error('duplicate key'))).toBeUndefined()
})
