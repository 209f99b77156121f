import { describe, expect, it } from 'vitest'
import { parseForge } from './forge.ts'

const result = (status: string, more: object = {}) => ({
  status,
  reason: null,
  counterexample: null,
  ...more,
})

describe('parseForge', () => {
  it('counts by status and explains failures', () => {
    const report = {
      'contracts/test/A.t.sol:ATest': {
        test_results: { 'test_one()': result('Success'), 'test_two()': result('Skipped') },
      },
      'contracts/test/B.t.sol:BTest': {
        test_results: {
          'testFuzz_three(uint256)': result('Failure', {
            reason: 'big',
            counterexample: { Single: { args: '7' } },
          }),
        },
      },
    }
    expect(parseForge(JSON.stringify(report))).toMatchObject({
      passed: 1,
      skipped: 1,
      failures: [
        {
          name: 'contracts/test/B.t.sol:BTest testFuzz_three(uint256)',
          message: 'big\ncounterexample: {"Single":{"args":"7"}}',
        },
      ],
    })
  })

  it('counts nothing when forge printed no report', () => {
    expect(parseForge('Compiler run failed')).toMatchObject({ passed: 0, skipped: 0, failures: [] })
  })
})
