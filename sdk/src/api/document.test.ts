import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { arbitraryOf } from '../../test/arbitrary.ts'
import { askStruct } from '../documents/ask.ts'
import { bidStruct } from '../documents/bid.ts'
import { resultStruct } from '../documents/result.ts'
import type { Struct } from '../documents/struct.ts'
import { termsStruct } from '../documents/terms.ts'
import { ticketStruct } from '../documents/ticket.ts'
import { documentSchema } from './document.ts'
import { base64, uint } from './scalar.ts'

describe('a document survives JSON', () => {
  it.each(
    [askStruct, bidStruct, termsStruct, ticketStruct, resultStruct].map(
      (s) => [s.name, s as Struct] as const,
    ),
  )('%s', (_, struct) => {
    const schema = documentSchema(struct)
    fc.assert(
      fc.property(arbitraryOf(struct), (document) => {
        const wire = JSON.parse(JSON.stringify(z.encode(schema, document)))
        expect(schema.parse(wire)).toEqual(document)
      }),
      { numRuns: 50 },
    )
  })
})

describe('what is not a document is refused', () => {
  const hash = `0x${'ab'.repeat(32)}`
  const good = { ticket: hash, status: 0, fuelUsed: '1', output: hash }
  const schema = documentSchema(resultStruct)
  it.each([
    ['a number where a decimal string travels', { ...good, fuelUsed: 1 }],
    ['a sign', { ...good, fuelUsed: '-1' }],
    ['zeros in front', { ...good, fuelUsed: '01' }],
    ['one more than fits', { ...good, fuelUsed: (2n ** 64n).toString() }],
    ['an exponent', { ...good, fuelUsed: '1e3' }],
    ['a megabyte of digits', { ...good, fuelUsed: '1'.repeat(1_000_000) }],
    ['a short hash', { ...good, output: '0xab' }],
    ['a field that is not signed', { ...good, note: 'paid' }],
    ['a missing field', { ...good, output: undefined }],
  ])('%s', (_, value) => {
    expect(schema.safeParse(good).success).toBe(true)
    expect(schema.safeParse(value).success).toBe(false)
  })
})

it('lowers the letters of hex, so that one thing has one name', () => {
  const schema = documentSchema(resultStruct)
  const hash = `0x${'AB'.repeat(32)}` as const
  const parsed = schema.parse({ ticket: hash, status: 0, fuelUsed: '1', output: hash })
  expect(parsed.output).toBe(hash.toLowerCase())
})

it('carries bytes as base64 and integers as decimals', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.bigInt({ min: 0n, max: 2n ** 96n - 1n }), (bytes, value) => {
      expect(base64.parse(z.encode(base64, bytes))).toEqual(bytes)
      expect(uint(96).parse(z.encode(uint(96), value))).toBe(value)
    }),
  )
})

it('makes a JSON schema of what travels', () => {
  const schema = z.toJSONSchema(documentSchema(ticketStruct), { io: 'input' })
  expect(schema).toMatchSnapshot()
})
