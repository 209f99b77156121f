import { describe, expect, it } from 'vitest'
import type { Finding } from './evidence.ts'
import { type Grounds, suggestRuling } from './suggest.ts'

const finding = (piece: Finding['piece'], state: Finding['state']): Finding => ({
  piece,
  state,
  detail: state,
})

const whole: Finding[] = [
  finding('program', 'fetched'),
  finding('input', 'right'),
  finding('output', 'right'),
  finding('ticket', 'right'),
  finding('ticket-signature', 'right'),
  finding('result-signature', 'right'),
]
const finished = {
  state: 'finished',
  outcome: { status: 0, fuelUsed: 1n, output: new Uint8Array() },
  runs: 2,
} as const
const grounds: Grounds = {
  findings: whole,
  rerun: finished,
  comparison: { same: true, differences: [] },
  now: 1_000n,
  ruleBy: 2_000n,
}
const differs = { same: false, differences: [{ what: 'fuel', claimed: '1', own: '2' }] } as const

/** The evidence with one piece in another state. */
const but = (piece: Finding['piece'], state: Finding['state']): Finding[] =>
  whole.map((each) => (each.piece === piece ? finding(piece, state) : each))

describe('suggestRuling', () => {
  it('clears a provider whose result comes out again', () => {
    expect(suggestRuling(grounds)).toMatchObject({ verdict: 'clean' })
  })
  it('finds a provider guilty whose result does not, and says in what', () => {
    expect(suggestRuling({ ...grounds, comparison: differs })).toMatchObject({
      verdict: 'guilty',
      why: expect.stringContaining('fuel'),
    })
  })

  it.each([
    ['the program is missing', { findings: but('program', 'missing') }],
    ['the input is missing', { findings: but('input', 'missing') }],
    ['the input has another root', { findings: but('input', 'wrong') }],
    ['ticket and result do not belong together', { findings: but('ticket', 'wrong') }],
    ['the ticket’s signature is somebody else’s', { findings: but('ticket-signature', 'wrong') }],
    ['the result’s signature is somebody else’s', { findings: but('result-signature', 'wrong') }],
    ['a piece was not looked at', { findings: whole.filter((each) => each.piece !== 'input') }],
    ['the run did not finish', { rerun: { state: 'unfinished', why: 'memory' }, comparison: undefined }],
    ['the run did not finish, whatever was compared', { rerun: { state: 'unfinished', why: 'memory' } }],
    ['nothing was compared', { comparison: undefined }],
    ['a ruling would come too late', { now: 1_970n }],
  ] as [string, Partial<Grounds>][])('suggests nothing where %s', (_, change) => {
    for (const comparison of [grounds.comparison, differs]) {
      const suggestion = suggestRuling({ ...grounds, comparison, ...change })
      expect(suggestion.verdict).toBeUndefined()
      expect(suggestion).toMatchObject({ doubts: [expect.any(String)] })
    }
  })

  it('does not let a liar escape by keeping its output', () => {
    const findings = but('output', 'missing')
    expect(suggestRuling({ ...grounds, findings, comparison: differs }).verdict).toBe('guilty')
  })
  it('needs no signatures that the contracts saw', () => {
    const findings = but('result-signature', 'absent')
    expect(suggestRuling({ ...grounds, findings }).verdict).toBe('clean')
  })
})
