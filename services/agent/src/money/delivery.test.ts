import { describe, expect, it } from 'vitest'
import { deliverableBytes, isDeliverable, ON_CHAIN_BYTES } from './delivery.ts'

const STORE = `0x${'55'.repeat(20)}` as const
const FOREIGN = `0x${'66'.repeat(20)}` as const
const WAIVED = `0x${'1'.padStart(40, '0')}` as const
const market = {
  matcher: { feeTo: STORE, makerFee: 0, takerFee: 0, store: STORE },
  limits: { blobBytes: 1_000_000, inlineBytes: 1_000, bodyBytes: 1_000 },
}

describe('deliverableBytes', () => {
  it('trusts the market’s own store and a waiver', () => {
    expect(deliverableBytes(STORE, market)).toBe(1_000_000)
    expect(deliverableBytes(WAIVED, market)).toBe(1_000_000)
  })

  it('takes from a foreign store, whose receipt it cannot have, no more than fits on chain', () => {
    expect(deliverableBytes(FOREIGN, market)).toBe(ON_CHAIN_BYTES)
  })
})

describe('isDeliverable', () => {
  it.each([
    [ON_CHAIN_BYTES, FOREIGN, undefined, true],
    [ON_CHAIN_BYTES + 1, FOREIGN, undefined, false],
    [ON_CHAIN_BYTES + 1, STORE, '0x11', true],
    [ON_CHAIN_BYTES + 1, WAIVED, undefined, true],
  ] as const)('%i bytes, store %s, receipt %s: %s', (size, store, receipt, expected) => {
    expect(isDeliverable(size, store, receipt)).toBe(expected)
  })
})
