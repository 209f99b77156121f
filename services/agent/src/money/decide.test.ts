import { describe, expect, it } from 'vitest'
import { terms as longTerms } from '../fixtures/terms.ts'
import { claimAt, claimBy, decide, demandsToAnswer, type LeaseFacts, type MoneyPolicy } from './decide.ts'

const jobTerms = { ...longTerms, job: `0x${'11'.repeat(32)}`, grace: 0n } as const

const fresh: LeaseFacts = {
  terms: longTerms,
  status: 'open',
  paid: 0n,
  stoppedAt: 0n,
  closedAt: 0n,
  openDisputes: 0,
  openDemands: 0,
  owed: 0n,
  voided: 0n,
  earned: 0n,
  results: 0,
  running: 0,
  cannotServe: false,
  offer: undefined,
  signed: undefined,
}
const policy: MoneyPolicy = { redeemAbove: 100n, dust: 2n, tidyAfter: 60n }

describe('the times of a lease', () => {
  it('lets a long lease be claimed for its grace, from its end or from its stop', () => {
    expect(claimBy(longTerms, 0n)).toBe(2_500n)
    expect(claimBy(longTerms, 1_200n)).toBe(1_700n)
  })
  it('gives a job lease no grace', () => {
    expect(claimBy(jobTerms, 0n)).toBe(2_000n)
  })
  it('claims half way through the time that is left, and not before the lease is over', () => {
    expect(claimAt(longTerms, 0n)).toBe(2_250n)
    expect(claimAt(longTerms, 1_200n)).toBe(1_450n)
    expect(claimAt(jobTerms, 0n)).toBe(1_500n)
  })
  it('leaves at least 15 seconds and at most 15 minutes to get a claim mined', () => {
    expect(claimAt({ ...jobTerms, end: 1_020n }, 0n)).toBe(1_005n)
    expect(claimAt({ ...jobTerms, end: 100_000n }, 0n)).toBe(99_100n)
  })
  it('never claims before the lease opened', () => {
    expect(claimAt({ ...jobTerms, end: 1_010n }, 0n)).toBe(1_000n)
  })
})

type Row = [name: string, facts: Partial<LeaseFacts>, now: bigint, move: string]

const earnedJob = { terms: jobTerms, results: 1, earned: 50n }
const sent = { signed: { owed: 57n, until: 2_000n } }

const rows: Row[] = [
  // given a lease that has ended
  ['closed by both: nothing is left', { status: 'closed' }, 1_500n, 'forget'],
  ['slashed: nothing is left', { status: 'slashed' }, 1_500n, 'forget'],
  ['final: nothing is left', { status: 'final' }, 9_000n, 'forget'],

  // given a lease that the chain does not know
  ['it may come back', { status: 'none' }, 1_500n, 'wait 1530'],
  ['it cannot come back', { status: 'none' }, 6_500n, 'forget'],

  // given a job lease
  ['no result yet: wait', { terms: jobTerms, running: 1 }, 1_100n, 'wait 1500'],
  [
    'declined by the agent: free the tasker’s money',
    { terms: jobTerms, cannotServe: true },
    1_100n,
    'decline',
  ],
  ['a result: offer to close, retainer included', earnedJob, 1_100n, 'sign-close 57 2000'],
  ['its result is contested: sign nothing', { ...earnedJob, openDisputes: 1 }, 1_100n, 'wait 1500'],
  [
    'its result is contested, and the tasker offers all the same: sign nothing',
    { ...earnedJob, openDisputes: 1, offer: { owed: 57n, until: 1_900n } },
    1_100n,
    'wait 1500',
  ],
  [
    'its result is contested, and the time to claim runs out: claim',
    { ...earnedJob, ...sent, openDisputes: 1 },
    1_500n,
    'claim',
  ],
  ['the close is offered: the tasker has time', { ...earnedJob, ...sent }, 1_499n, 'wait 1500'],
  ['the tasker is silent: claim', { ...earnedJob, ...sent }, 1_500n, 'claim'],
  [
    'the tasker is silent over dust: leave it',
    { ...earnedJob, ...sent, earned: 0n, terms: { ...jobTerms, retainer: 2n } },
    1_500n,
    'wait 2000',
  ],
  ['a retainer alone cannot be claimed', { terms: jobTerms }, 1_600n, 'wait 2000'],
  ['too late to claim: it stays until it is over', { ...earnedJob, ...sent }, 2_000n, 'wait 6060'],
  ['too late to decline', { terms: jobTerms, cannotServe: true }, 2_000n, 'wait 6060'],

  // given a lease of many jobs
  [
    'it runs: wait for its end and half its grace',
    { running: 3, earned: 80n, results: 2 },
    1_100n,
    'wait 2250',
  ],
  ['a small voucher can wait', { owed: 99n }, 1_100n, 'wait 2250'],
  ['a large voucher is redeemed', { owed: 100n }, 1_100n, 'redeem'],
  ['only what is not paid yet counts', { owed: 199n, paid: 100n }, 1_100n, 'wait 2250'],
  ['its end: offer to close', { results: 5, earned: 80n }, 2_000n, 'sign-close 87 2500'],
  [
    'stopped: offer to close from then on',
    { status: 'stopped', stoppedAt: 1_200n, results: 5, earned: 80n },
    1_300n,
    'sign-close 87 1700',
  ],
  [
    'the matcher never took the offer to close: claim all the same',
    { results: 5, earned: 80n },
    2_250n,
    'claim',
  ],
  ['a job still runs at the end: no offer yet', { results: 5, earned: 80n, running: 1 }, 2_000n, 'wait 2250'],
  [
    'about to end: redeem what is vouched for',
    { results: 5, earned: 80n, owed: 87n, ...sent },
    2_250n,
    'redeem',
  ],
  [
    'vouched for and paid: nothing to do',
    { results: 5, earned: 80n, owed: 87n, paid: 87n, ...sent },
    2_250n,
    'wait 2500',
  ],
  [
    'vouched for in part and paid: claim the rest',
    { results: 5, earned: 80n, owed: 40n, paid: 40n, ...sent },
    2_250n,
    'claim',
  ],
  [
    'what timed-out disputes took off is not claimed',
    { results: 5, earned: 80n, voided: 47n, owed: 40n, paid: 40n, ...sent },
    2_250n,
    'wait 2500',
  ],
  [
    'a silent tasker and a job still running: claim what there is',
    { results: 5, earned: 80n, running: 1 },
    2_250n,
    'claim',
  ],

  // given a tasker that offers to close
  [
    'all that is due, while it runs: sign',
    { results: 5, earned: 80n, offer: { owed: 87n, until: 2_500n } },
    1_300n,
    'sign-close 87 2500',
  ],
  [
    'more than is due: sign',
    { results: 5, earned: 80n, offer: { owed: 99n, until: 2_400n } },
    1_300n,
    'sign-close 99 2400',
  ],
  [
    'less than is due: no',
    { results: 5, earned: 80n, offer: { owed: 86n, until: 2_500n } },
    1_300n,
    'wait 2250',
  ],
  [
    'all that is due, with a job still running: not yet',
    { results: 5, earned: 80n, running: 1, offer: { owed: 87n, until: 2_500n } },
    1_300n,
    'wait 2250',
  ],
  [
    'an offer that is over: no',
    { results: 5, earned: 80n, offer: { owed: 87n, until: 1_300n } },
    1_300n,
    'wait 2250',
  ],
  [
    'signed already: wait for it to be mined',
    { results: 5, earned: 80n, offer: { owed: 87n, until: 2_500n }, signed: { owed: 87n, until: 2_500n } },
    1_300n,
    'wait 2250',
  ],
  [
    'signed and never mined: claim in time',
    { results: 5, earned: 80n, offer: { owed: 87n, until: 2_500n }, signed: { owed: 87n, until: 2_500n } },
    2_250n,
    'claim',
  ],
  [
    'offered other figures than the agent did, and enough: sign those',
    { results: 5, earned: 80n, offer: { owed: 90n, until: 2_500n }, signed: { owed: 87n, until: 2_500n } },
    2_100n,
    'sign-close 90 2500',
  ],

  // given a lease past claiming
  ['claimed: the window is open', { status: 'claimed', closedAt: 2_300n }, 6_299n, 'wait 6300'],
  [
    'claimed: be paid the moment that it is over',
    { status: 'claimed', closedAt: 2_300n },
    6_300n,
    'finalise',
  ],
  ['claimed, disputed: wait', { status: 'claimed', closedAt: 2_300n, openDisputes: 1 }, 7_000n, 'wait 7030'],
  ['claimed, demanded: wait', { status: 'claimed', closedAt: 2_300n, openDemands: 1 }, 7_000n, 'wait 7030'],
  ['declined: let others pay the gas first', { status: 'declined', closedAt: 1_100n }, 5_100n, 'wait 5160'],
  ['declined: then free the collateral', { status: 'declined', closedAt: 1_100n }, 5_160n, 'finalise'],
  ['unclaimed: the window counts from the last time to claim', { status: 'unclaimed' }, 6_560n, 'finalise'],
  ['open and long over: free the collateral', {}, 6_560n, 'finalise'],
]

describe('decide', () => {
  it.each(rows)('%s', (_, facts, now, expected) => {
    const move = decide({ ...fresh, ...facts }, policy, now)
    const figures =
      move.do === 'wait' ? [move.until] : move.do === 'sign-close' ? [move.owed, move.until] : []
    expect([move.do, ...figures].join(' ')).toBe(expected)
    expect(move.why).not.toBe('')
  })

  it('never waits for a time that has passed, so that the keeper cannot spin', () => {
    for (const [, facts] of rows) {
      for (let now = 900n; now < 8_000n; now += 10n) {
        const move = decide({ ...fresh, ...facts }, policy, now)
        if (move.do === 'wait') expect(move.until).toBeGreaterThan(now)
      }
    }
  })
})

describe('demandsToAnswer', () => {
  it('gives the open ones in time, the most urgent first', () => {
    const demand = (index: number, answerBy: bigint, open = true) => ({ index, answerBy, open })
    const demands = [
      demand(4, 200n),
      demand(3, 100n),
      demand(2, 300n, false),
      demand(1, 50n),
      demand(0, 200n),
    ]
    expect(demandsToAnswer(demands, 60n).map((each) => each.index)).toEqual([3, 0, 4])
  })
})
