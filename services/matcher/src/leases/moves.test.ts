import { type Terms, termsOf } from '@millrace/sdk'
import { describe, expect, it } from 'vitest'
import { address, askEntry, bidEntry, NOW } from '../../test/support/orders.ts'
import { OPENED } from '../chain/fold.ts'
import { intentOf, type MoveLog, movesOf } from './moves.ts'

const domain = { name: 'Millrace', version: '1', chainId: 1, verifyingContract: address(1) }
const meeting = { seq: 0n, fuel: 1n, bidIsMaker: false, openedAt: NOW }
const terms: Terms = {
  ...termsOf(askEntry(1).ask, bidEntry(2).bid, meeting, domain),
  end: 100n,
  grace: 10n,
  window: 50n,
  disputeLimit: 40n,
}
const log = (name: string, args: unknown = {}, about: string | null = null): MoveLog => ({
  name,
  args,
  case: about,
})
const moves = (state: Partial<typeof OPENED>, logs: MoveLog[] = []) =>
  movesOf('0x1', terms, { ...OPENED, ...state }, logs).map((move) => [intentOf(move), move.at])

describe('movesOf', () => {
  it('expires what nobody claimed, and then finalises it', () => {
    expect(moves({})).toEqual([['expire.0x1', 110n]])
    expect(moves({ state: 'unclaimed' })).toEqual([['finalise.0x1', 160n]])
    expect(moves({ state: 'claimed', closedAt: 90 })).toEqual([['finalise.0x1', 140n]])
  })

  it('rests at the end of a lease', () => {
    for (const state of ['closed', 'slashed', 'final'] as const) expect(moves({ state })).toEqual([])
  })

  it('times out a case that nobody rules, and settles one that was ruled or became moot', () => {
    const opened = log('DisputeOpened', { ruleBy: 130 }, '0xc')
    const contested = { state: 'claimed', closedAt: 90, disputes: 1 } as const
    expect(moves(contested, [opened])).toEqual([['timeout.0xc', 130n]])
    expect(moves(contested, [opened, log('Ruled', {}, '0xc')])).toEqual([['settle.0xc', 0n]])
    expect(moves({ state: 'slashed', disputes: 1 }, [opened])).toEqual([['settle.0xc', 0n]])
    const settled = [opened, log('Ruled', {}, '0xc'), log('DisputeSettled', {}, '0xc')]
    expect(moves({ state: 'claimed', closedAt: 90 }, settled)).toEqual([['finalise.0x1', 140n]])
  })

  it('lapses demands that nobody answers, the first one first', () => {
    const logs = [
      log('LeafDemanded', { index: 3, until: 120 }),
      log('DeliveryDemanded', { ticket: '0xt', index: 3, until: 105 }),
      log('LeafDemanded', { index: 4, until: 100 }),
      log('LeafShown', { index: 4 }),
    ]
    expect(moves({ state: 'claimed', closedAt: 90, demands: 2 }, logs)).toEqual([
      ['lapse-delivery.0x1.0xt', 105n],
      ['lapse.0x1.3', 120n],
    ])
  })

  it('lets no late fee be paid while a dispute is open', () => {
    const logs = [log('DeliveryDemanded', { ticket: '0xt', index: 3, until: 105 })]
    const contested = { closedAt: 90, demands: 1, disputes: 1 } as const
    expect(moves({ ...contested, state: 'claimed' }, logs)).toEqual([])
    expect(moves({ ...contested, state: 'slashed' }, logs)).toEqual([['lapse-delivery.0x1.0xt', 105n]])
    expect(moves({ ...contested, state: 'claimed', disputes: 0 }, logs)).toEqual([
      ['lapse-delivery.0x1.0xt', 105n],
    ])
  })
})
