import { describe, expect, it } from 'vitest'
import { failureReport, summaryTable } from './report.ts'
import type { Tally } from './tally.ts'

const tallies: Tally[] = [
  { runner: 'forge', part: 'contracts', passed: 120, skipped: 0, failures: [], seconds: 12.34 },
  {
    runner: 'unit',
    part: 'sdk',
    passed: 2,
    skipped: 1,
    failures: [{ name: 'a b', message: 'one\ntwo' }],
    seconds: 1,
  },
]

describe('summaryTable', () => {
  it('lines its columns up', () => {
    expect(summaryTable(tallies)).toBe(
      [
        'runner  part       passed  failed  skipped  seconds',
        'forge   contracts     120       0        0     12.3',
        'unit    sdk             2       1        1      1.0',
      ].join('\n'),
    )
  })
})

describe('failureReport', () => {
  it('names each failure and indents its words', () => {
    expect(failureReport(tallies)).toBe('✗ a b\n    one\n    two\n')
  })
})
