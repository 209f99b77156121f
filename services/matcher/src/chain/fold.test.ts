import { describe, expect, it } from 'vitest'
import { foldLease, isOver, type LeaseLog, OPENED } from './fold.ts'

const log = (name: string, args: Record<string, unknown> = {}, time = 5): LeaseLog => ({ name, time, args })

describe('foldLease', () => {
  it('is open at first, and unchanged by events that say nothing about it', () => {
    expect(foldLease([log('Opened'), log('BondForfeited')])).toEqual(OPENED)
  })

  it('follows a lease to its end', () => {
    const logs = [
      log('Redeemed', { owed: '7' }),
      log('Stopped', {}, 6),
      log('Claimed', { sum: '20' }, 8),
      log('DisputeOpened'),
      log('DisputeSettled'),
    ]
    const claimed = foldLease(logs)
    expect(claimed).toEqual({
      ...OPENED,
      state: 'claimed',
      paid: 7n,
      claimed: 20n,
      stoppedAt: 6,
      closedAt: 8,
    })
    expect(foldLease([log('Final', { paid: '20' })], claimed)).toMatchObject({ state: 'final', paid: 20n })
  })

  it('gives the same in one go and in two', () => {
    const logs = [log('LeafDemanded'), log('Claimed', { sum: '1' }), log('LeafShown'), log('Slashed')]
    for (let cut = 0; cut <= logs.length; cut++) {
      expect(foldLease(logs.slice(cut), foldLease(logs.slice(0, cut)))).toEqual(foldLease(logs))
    }
  })
})

describe('isOver', () => {
  it('waits for disputes of a slashed lease, whose bonds are still to be returned', () => {
    const slashed = foldLease([log('DisputeOpened'), log('DisputeOpened'), log('Slashed')])
    expect(isOver(slashed)).toBe(false)
    expect(isOver(foldLease([log('DisputeSettled'), log('DisputeSettled')], slashed))).toBe(true)
  })
})
