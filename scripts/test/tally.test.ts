import { describe, expect, it } from 'vitest'
import { lastLine, sum, type Tally, withVerdict } from './tally.ts'

const tally: Tally = { runner: 'unit', part: 'sdk', passed: 2, skipped: 1, failures: [], seconds: 1 }
const failure = { name: 'a', message: 'b' }

describe('lastLine', () => {
  it('adds all runners up in the form that programs read', () => {
    const tallies = [tally, { ...tally, passed: 3, skipped: 0, failures: [failure, failure] }]
    expect(lastLine(sum(tallies))).toBe('5 passed, 2 failed, 1 skipped')
    expect(lastLine(sum([]))).toBe('0 passed, 0 failed, 0 skipped')
  })
})

describe('withVerdict', () => {
  const verdict = (own: Partial<Tally>, ok: boolean) =>
    withVerdict({ ...tally, ...own }, { ok, output: ' why \n' })

  it('lets a good run be', () => {
    expect(verdict({}, true).failures).toEqual([])
  })

  it('counts a run of nothing as a failure, however it ended', () => {
    expect(verdict({ passed: 0, skipped: 0 }, false).failures).toMatchObject([{ name: 'unit ran no test' }])
    expect(verdict({ passed: 0, skipped: 0 }, true).failures).toEqual([
      { name: 'unit ran no test', message: 'why' },
    ])
  })

  it('counts a crash as a failure, though every test that ran passed', () => {
    expect(verdict({}, false).failures).toEqual([{ name: 'unit ended badly', message: 'why' }])
  })

  it('counts no failure twice', () => {
    expect(verdict({ failures: [failure] }, false).failures).toEqual([failure])
  })
})
