import { describe, expect, it } from 'vitest'
import { formatBytes } from './formatBytes.ts'
import { formatFuel } from './formatFuel.ts'
import { formatDuration, formatElapsed, formatMoment } from './formatTime.ts'

describe('formatFuel', () => {
  it.each([
    [0n, '0 fuel'],
    [999_999_999n, '999,999,999 fuel'],
    [1_000_000_000n, '1 gigafuel'],
    [1_000_000_001n, '1.001 gigafuel'],
    [12_345_000_000_000n, '12,345 gigafuel'],
  ])('%s', (fuel, text) => expect(formatFuel(fuel)).toBe(text))
})

describe('times', () => {
  it.each([
    [0, '0 s'],
    [59, '59 s'],
    [60, '1 min'],
    [7_500, '2 h 5 min'],
    [90_000, '1 d 1 h'],
  ])('writes a duration of %s seconds by its two largest units', (seconds, text) =>
    expect(formatDuration(seconds)).toBe(text),
  )

  it('says how far a moment is', () => {
    expect(formatMoment(1_000_060, 1_000_000)).toBe('1970-01-12 13:47:40 UTC (in 1 min)')
    expect(formatMoment(1_000_000, 1_000_030)).toBe('1970-01-12 13:46:40 UTC (30 s ago)')
  })

  it('writes what was measured', () => {
    expect(formatElapsed(849.6)).toBe('850 ms')
    expect(formatElapsed(2_449)).toBe('2.4 s')
  })
})

describe('formatBytes', () => {
  it.each([
    [312, '312 bytes'],
    [1536, '1.5 KiB'],
    [2 ** 20, '1 MiB'],
  ])('%s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))
})
