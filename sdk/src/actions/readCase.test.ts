import { describe, expect, it } from 'vitest'
import { mootBy } from './readCase.ts'

describe('mootBy', () => {
  it.each([
    ['closed', /both of its parties/],
    ['slashed', /another case/],
  ] as const)('says why no verdict counts in a lease that is %s', (status, why) =>
    expect(mootBy(status)).toMatch(why),
  )

  it.each(['open', 'claimed', 'declined', 'unclaimed'] as const)(
    'lets a case of a lease that is %s be ruled',
    (status) => expect(mootBy(status)).toBeUndefined(),
  )
})
