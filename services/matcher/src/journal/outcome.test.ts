import { describe, expect, it } from 'vitest'
import { outcomeOf, type Pending, type Sighting } from './outcome.ts'

const limits = { depth: 3, stuckMs: 1_000 }
const sent: Pending = { nonce: 5, state: 'sent', blockHash: null, sentAgo: 10 }
const nothing: Sighting = { minedNonces: 5, head: 100 }
const receipt = { block: 98, blockHash: '0xb', status: 'success' as const }

describe('outcomeOf', () => {
  it.each([
    ['broadcast', { ...sent, state: 'signed', sentAgo: undefined }, nothing],
    ['wait', sent, nothing],
    ['bump', { ...sent, sentAgo: 1_000 }, nothing],
    ['mined', sent, { ...nothing, receipt }],
    ['wait', { ...sent, state: 'mined', blockHash: '0xb' }, { ...nothing, receipt }],
    ['confirmed', { ...sent, state: 'mined', blockHash: '0xb' }, { ...nothing, receipt, head: 101 }],
    ['mined', { ...sent, state: 'mined', blockHash: '0xa' }, { ...nothing, receipt }],
    ['broadcast', { ...sent, state: 'mined', blockHash: '0xb' }, nothing],
    ['lost', sent, { ...nothing, minedNonces: 6 }],
  ] as const)('%s', (expected, pending, sighting) => {
    expect(outcomeOf(pending, sighting, limits)).toBe(expected)
  })
})
