import { describe, expect, it } from 'vitest'
import { askEntry, bidEntry, NOW, PROOF_SCHEME } from '../../test/support/orders.ts'
import { whyNotAsk, whyNotBid } from './why.ts'

const rich = { proofScheme: PROOF_SCHEME, now: NOW, purse: () => 10n ** 18n }

describe('whyNotBid', () => {
  it('counts every reason of every candidate, the most frequent first', () => {
    const asks = [askEntry(1, { price: 200n }), askEntry(2, { price: 300n, memoryPages: 1 }), askEntry(3)]
    const why = whyNotBid(bidEntry(9), asks, rich)
    expect(why.candidates).toBe(3)
    expect(why.reasons.map(({ reason, count }) => [reason, count])).toEqual([
      ['price', 2],
      ['memory', 1],
    ])
    expect(why.token).toBe(asks[0]!.ask.token)
    expect(why.reasons[0]!.example).toEqual({
      account: asks[0]!.ask.account,
      has: '200',
      wants: '120',
      unit: 'rate',
    })
  })
})

describe('whyNotAsk', () => {
  it('looks at bids', () => {
    const why = whyNotAsk(askEntry(1), [bidEntry(2, { maxPrice: 1n })], rich)
    expect(why).toMatchObject({ candidates: 1, reasons: [{ reason: 'price', count: 1 }] })
  })
})
