import { describe, expect, it } from 'vitest'
import { parseMocha, parseSolidity } from './hardhat.ts'

describe('parseMocha', () => {
  it('reads counts and failures', () => {
    const report = {
      stats: { passes: 4, pending: 1 },
      failures: [{ fullTitle: 'Escrow pays', err: { message: 'm', stack: 'm\n at x' } }],
    }
    expect(parseMocha(JSON.stringify(report))).toMatchObject({
      passed: 4,
      skipped: 1,
      failures: [{ name: 'Escrow pays', message: 'm\n at x' }],
    })
  })

  it('counts nothing when there is no report', () => {
    expect(parseMocha('')).toMatchObject({ passed: 0, skipped: 0, failures: [] })
  })
})

describe('parseSolidity', () => {
  it('reads the summary', () => {
    const text =
      '  contracts/A.t.sol:A\n    1) test_a()\n\n  3 passing\n  1 skipped\n  2 failing\n\n  1) A#test_a()\n  2) A#test_b()\n'
    expect(parseSolidity(text)).toMatchObject({
      passed: 3,
      skipped: 1,
      failures: [{ name: 'A#test_a()' }, { name: 'A#test_b()' }],
    })
  })

  it('counts nothing in silence', () => {
    expect(parseSolidity('')).toMatchObject({ passed: 0, skipped: 0, failures: [] })
  })
})
