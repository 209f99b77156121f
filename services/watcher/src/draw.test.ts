import { keccak256, stringToHex } from 'viem'
import { describe, expect, it } from 'vitest'
import { isDrawn } from './draw.ts'

const tickets = Array.from({ length: 2_000 }, (_, at) => keccak256(stringToHex(`ticket ${at}`)))
const drawn = (seed: string, share: number) => tickets.filter((ticket) => isDrawn(ticket, { seed, share }))

describe('the draw', () => {
  it('takes all, none, and about the share in between', () => {
    expect(drawn('a', 1)).toHaveLength(2_000)
    expect(drawn('a', 0)).toEqual([])
    // Six deviations of a fair draw.
    expect(Math.abs(drawn('a', 0.25).length - 500)).toBeLessThan(6 * Math.sqrt(2_000 * 0.25 * 0.75))
  })

  it('is the same whenever it is made, and another one under another seed', () => {
    expect(drawn('a', 0.5)).toEqual(drawn('a', 0.5))
    expect(drawn('b', 0.5)).not.toEqual(drawn('a', 0.5))
  })

  it('keeps what it took when the share grows', () => {
    const more = new Set(drawn('a', 0.5))
    expect(drawn('a', 0.3).every((ticket) => more.has(ticket))).toBe(true)
  })
})
