import type { JobView, Token } from '@millrace/sdk'
import { zeroAddress, zeroHash } from 'viem'
import { expect, it } from 'vitest'
import { describeJob } from './job.ts'
import { describeWhy } from './why.ts'

const TOKEN: Token = { address: zeroAddress, symbol: 'TEST', decimals: 18 }
const trapped = (trap?: string): JobView => ({
  ...{ id: zeroHash, lease: zeroHash, provider: zeroAddress, tasker: zeroAddress },
  ticket: {
    ...{ lease: zeroHash, index: 0 },
    job: { programRoot: zeroHash, input: zeroHash, fuel: 9n, outputMax: 1, deadline: 0n },
  },
  ...{ state: 'result', timeline: [] },
  result: {
    result: { ticket: zeroHash, status: 1, fuelUsed: 1n, output: zeroHash },
    signature: '0x00',
    trap,
  },
})

it('says why a program trapped, as the provider says', () => {
  expect(describeWhy(trapped('divide by zero')).slice(1)).toEqual([
    'The program trapped.',
    'Why: divide by zero, as the provider says.',
  ])
  expect(describeJob(trapped('divide by zero'), TOKEN)).toContainEqual(
    expect.stringMatching(/^why +divide by zero, as the provider says$/),
  )
})

it('says no more where the provider does not', () => {
  expect(describeWhy(trapped()).slice(1)).toEqual(['The program trapped.'])
  expect(describeJob(trapped(), TOKEN).join('\n')).not.toMatch(/^why/m)
})

it('lets no provider command the terminal', () => {
  const lines = [...describeWhy(trapped('\u001b[2J')), ...describeJob(trapped('\u001b[2J'), TOKEN)]
  expect(lines.join('\n')).not.toContain('\u001b')
})
