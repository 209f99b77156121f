import { describe, expect, it } from 'vitest'
import { describeWhyNot } from './whyNot.ts'

const token = {
  address: '0x00000000000000000000000000000000000000aa',
  symbol: 'TEST',
  decimals: 18,
  faucet: true,
} as const
const account = '0x15d34aaf54267db7d7c367839aaf71a00a2c6a65'

describe('describeWhyNot', () => {
  it('shows every figure with its unit, the commonest reason first', () => {
    const reasons = [
      { reason: 'memory', count: 1, example: { account, has: '16', wants: '32', unit: 'pages' } },
      {
        reason: 'price',
        count: 2,
        example: { account, has: '100000000000000000', wants: '5', unit: 'rate' },
      },
      {
        reason: 'job-too-large',
        count: 1,
        example: { account, has: '1000000000000', wants: '7', unit: 'fuel' },
      },
      { reason: 'window', count: 1, example: { account, has: '60', wants: '90', unit: 'seconds' } },
    ] as const
    const lines = describeWhyNot({ candidates: 3, reasons: [...reasons] }, token)
    expect(lines[0]).toBe('3 candidates, and why each does not fit:')
    expect(lines[1]).toContain(
      'price          0x15d34aaf…6a65 has 0.1 TEST a gigafuel where the bid wants 0.000000000000000005 TEST a gigafuel',
    )
    expect(lines.join('\n')).toContain('has 1 MiB where the bid wants 2 MiB')
    expect(lines.join('\n')).toContain('has 1,000 gigafuel where the bid wants 7 fuel')
    expect(lines.join('\n')).toContain('has 1 min where the bid wants 1 min 30 s')
  })

  it('says that an order is filled, and not that nobody offers', () =>
    expect(
      describeWhyNot({ candidates: 0, reasons: [{ reason: 'order-filled', count: 1 }] }, token)[0],
    ).toMatch(/filled/))

  it('says that there are no offers at all', () =>
    expect(describeWhyNot({ candidates: 0, reasons: [] }, token)[0]).toMatch(/Nobody offers/))
})
