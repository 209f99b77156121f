import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BadAmountError, formatAmount, parseAmount } from './money.ts'

const test = { symbol: 'TEST', decimals: 18 }

describe('formatAmount', () => {
  it.each([
    [0n, '0 TEST'],
    [1n, '0.000000000000000001 TEST'],
    [12_300_000_000_000_000n, '0.0123 TEST'],
    [10n ** 18n, '1 TEST'],
    [10n ** 45n, `1${'0'.repeat(27)} TEST`],
  ])('%s', (amount, text) => {
    expect(formatAmount(amount, test)).toBe(text)
  })

  it('of a token without decimals', () => {
    expect(formatAmount(7n, { symbol: 'ONE', decimals: 0 })).toBe('7 ONE')
  })
})

describe('parseAmount', () => {
  it('takes back what was formatted, with or without the unit', () => {
    const decimals = fc.integer({ min: 0, max: 30 })
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n }), decimals, (amount, decimals) => {
        const token = { symbol: 'T', decimals }
        const text = formatAmount(amount, token)
        expect(parseAmount(text, token)).toBe(amount)
        expect(parseAmount(text.split(' ')[0]!, token)).toBe(amount)
      }),
    )
  })

  it.each([
    '',
    'TEST',
    '-1',
    '+1',
    '1e3',
    '0x10',
    '1,5',
    '1.',
    '.5',
    '1 ETH',
    '1 test',
    '1.0000000000000000001',
    'Infinity',
  ])('refuses %j', (text) => {
    expect(() => parseAmount(text, test)).toThrow(BadAmountError)
  })
})
