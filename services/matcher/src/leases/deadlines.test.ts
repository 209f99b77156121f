import { type Terms, termsOf } from '@millrace/sdk'
import { describe, expect, it } from 'vitest'
import { address, askEntry, bidEntry, NOW } from '../../test/support/orders.ts'
import { OPENED } from '../chain/fold.ts'
import { deadlinesOf } from './deadlines.ts'

const domain = { name: 'Millrace', version: '1', chainId: 1, verifyingContract: address(1) }
const meeting = { seq: 0n, fuel: 1n, bidIsMaker: false, openedAt: NOW }
const terms: Terms = {
  ...termsOf(askEntry(1).ask, bidEntry(2).bid, meeting, domain),
  end: 100n,
  grace: 10n,
  window: 50n,
  disputeLimit: 40n,
}

describe('deadlinesOf', () => {
  it('counts from the end', () => {
    expect(deadlinesOf(terms, OPENED)).toEqual({ end: 100n, claimBy: 110n, over: 160n, final: 200n })
  })
  it('counts from when it was stopped, and then from when it was claimed', () => {
    const stopped = { ...OPENED, state: 'stopped' as const, stoppedAt: 30 }
    expect(deadlinesOf(terms, stopped)).toMatchObject({ claimBy: 40n, over: 90n })
    expect(deadlinesOf(terms, { ...stopped, state: 'claimed', closedAt: 35 })).toMatchObject({ over: 85n })
  })
})
