import { describe, expect, it } from 'vitest'
import { parsePair } from './parsePair.ts'
import { parseCount, parseDuration, parseFuel, parsePercent, parseShare, parseSize } from './parseQuantity.ts'

const bad = expect.objectContaining({ code: 'bad-value' })

describe('quantities', () => {
  it.each([
    [() => parseFuel('2.5G', '--fuel'), 2_500_000_000n],
    [() => parseFuel('1000', '--fuel'), 1000n],
    [() => parseDuration('5m', '--timeout'), 300],
    [() => parseDuration('0.5s', '--timeout'), 0.5],
    [() => parseDuration('2h', '--timeout'), 7200],
    [() => parseSize('256M', '--memory'), 268_435_456],
    [() => parsePercent('50%', '--cpu'), 50],
    [() => parseShare('2.5%', '--share'), 0.025],
    [() => parseShare('100', '--share'), 1],
    [() => parseCount('3', '--capacity', 1), 3],
  ])('%s', (read, value) => expect(read()).toBe(value))

  it.each([
    () => parseFuel('lots', '--fuel'),
    () => parseFuel('99999999999999999999', '--fuel'),
    () => parseDuration('5 parsecs', '--timeout'),
    () => parsePercent('0', '--cpu'),
    () => parsePercent('101', '--cpu'),
    () => parseShare('100.1%', '--share'),
    () => parseShare('half', '--share'),
    () => parseCount('0', '--capacity', 1),
    () => parseCount('1.5', '--capacity', 1),
    () => parsePair('=value', '--env'),
    () => parsePair('NAME', '--env'),
  ])('refuses what it cannot read: %s', (read) => expect(read).toThrow(bad))

  it('cuts a pair at its first "="', () => expect(parsePair('A=b=c', '--env')).toEqual(['A', 'b=c']))
})
