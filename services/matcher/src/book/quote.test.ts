import { leastDispute, leastWindow, schemeLeaf } from '@millrace/sdk'
import type { QuoteRequest } from '@millrace/sdk/api'
import { describe, expect, it } from 'vitest'
import { askEntry, hash, NOW, PROOF_SCHEME, provable, scheme, TOKEN } from '../../test/support/orders.ts'
import { quote } from './quote.ts'

const rich = { proofScheme: PROOF_SCHEME, now: NOW, purse: () => 10n ** 18n }
const request: QuoteRequest = {
  token: TOKEN,
  fuel: 1_000_000_000n,
  jobs: 1,
  memoryPages: 16,
  window: 3_600n,
  disputeLimit: 3_600n,
  end: NOW + 600n,
  carriesJob: true,
}

describe('quote', () => {
  it('offers what costs least all in, with parts that add up', () => {
    const flat = askEntry(1, { price: 90n, jobFuel: 1_000_000_000n })
    const plain = askEntry(2, { price: 101n, jobFuel: 5_000_000n, retainer: 3n })
    const offered = quote(request, [flat, plain], [scheme], 100, rich)
    if (!('quote' in offered)) throw new Error('nothing was offered')
    expect(offered.quote).toMatchObject({
      ask: plain.digest,
      price: 101n,
      parts: { compute: 101n, flat: 1n, retainer: 3n, claimFee: 5n, matcherFee: 2n },
      most: 112n,
      collateral: 503n,
      validUntil: NOW + 60n,
    })
    const { compute, flat: flatPart, retainer, claimFee, matcherFee } = offered.quote.parts
    expect(compute + flatPart + retainer + claimFee + matcherFee).toBe(offered.quote.most)
  })

  it('says by which clock a dispute would go, and how often results must be checked', () => {
    const leaves = [schemeLeaf(provable), schemeLeaf(scheme)]
    const ask = askEntry(1, {}, { schemes: [provable, scheme], leaves })
    const offered = (changes: Partial<QuoteRequest>) => {
      const found = quote({ ...request, ...changes }, [ask], [provable, scheme], 0, rich)
      if (!('quote' in found)) throw new Error('nothing was offered')
      return found.quote
    }
    // A lie earns 101 units and the claim's 5; 505 are at stake, of which a puppet can save a tenth.
    expect(offered({})).toMatchObject({
      scheme: provable,
      dispute: {
        limit: 3_600n,
        proof: {
          providerClock: 2_250n,
          challengerClock: 562n,
          leastLimit: leastDispute(10n ** 9n, 16),
          leastWindow: leastWindow(10n ** 9n),
        },
        gain: 106n,
        checkingRate: 0.188948307,
      },
    })
    // What the proof has no time for, an arbiter has.
    const short = offered({ disputeLimit: leastDispute(10n ** 9n, 16) - 1n })
    expect(short.scheme).toBe(scheme)
    expect(short.dispute.proof).toBeUndefined()
  })

  it('says why there is no offer', () => {
    const asks = [askEntry(1, { memoryPages: 1 }), askEntry(2, { maxWindow: 1n })]
    expect(quote(request, asks, [scheme], 0, rich)).toMatchObject({
      whyNot: { candidates: 2, reasons: [{ reason: 'memory' }, { reason: 'window' }] },
    })
    const unknown = quote({ ...request, scheme: hash(5) }, [askEntry(1)], [scheme], 0, rich)
    expect(unknown).toMatchObject({ whyNot: { reasons: [{ reason: 'scheme', count: 1 }] } })
  })
})
