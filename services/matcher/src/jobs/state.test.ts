import { describe, expect, it } from 'vitest'
import { OPENED } from '../chain/fold.ts'
import { jobState } from './state.ts'

const accepted = { state: 'accepted', reason: null } as const
const result = { state: 'result', reason: null } as const
const declined = { state: 'declined', reason: 'too-busy' } as const
const lease = (state: typeof OPENED.state, paid = 0n) => ({ ...OPENED, state, paid })

describe('jobState', () => {
  it.each([
    [accepted, lease('open'), 'none', { state: 'accepted' }],
    [result, lease('claimed'), 'none', { state: 'result' }],
    [result, lease('closed', 5n), 'none', { state: 'paid' }],
    [result, lease('final', 5n), 'clean', { state: 'paid' }],
    [result, lease('final'), 'none', { state: 'result', reason: 'not-paid' }],
    [accepted, lease('unclaimed'), 'none', { state: 'expired', reason: 'no-result-in-time' }],
    [accepted, lease('final'), 'none', { state: 'expired', reason: 'lease-final' }],
    [accepted, lease('declined'), 'none', { state: 'declined', reason: 'lease-declined' }],
    [declined, lease('open'), 'none', { state: 'declined', reason: 'too-busy' }],
    [declined, lease('final'), 'none', { state: 'declined', reason: 'too-busy' }],
    [result, lease('open'), 'open', { state: 'disputed' }],
    [result, lease('slashed'), 'guilty', { state: 'slashed', reason: 'wrong-result' }],
    [result, lease('slashed'), 'moot', { state: 'slashed', reason: 'lease-slashed' }],
    [result, lease('final', 5n), 'timed-out', { state: 'expired', reason: 'dispute-timed-out' }],
  ] as const)('%o in %o, dispute %s', (progress, standing, dispute, expected) => {
    expect(jobState(progress, standing, dispute)).toEqual(expected)
  })
})
