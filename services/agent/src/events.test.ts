import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LeaseView } from '@millrace/sdk'
import { expect, it, onTestFinished } from 'vitest'
import { followEvents } from './events.ts'
import { domain, jobLease, KEY, openDesk, silent } from './fixtures/desk.ts'
import { openJournal } from './journal/journal.ts'
import { createLeases } from './leases.ts'
import type { MatcherPort } from './ports.ts'

it('takes up the leases that stand open where its offer cannot be made', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'events-'))
  const { terms, lease } = jobLease()
  const desk = openDesk(terms)
  const journal = openJournal(folder)
  let open: (() => void) | undefined
  const matcher: MatcherPort = {
    ...desk.matcher,
    liveLeases: async () => [{ id: lease, terms, state: 'open' } as unknown as LeaseView],
    watch: ({ onOpen }) => {
      open = onOpen
      return () => {}
    },
  }
  const idle = { take() {}, recover() {}, flush() {}, poke() {}, hurry() {} }
  const offers = { pass: () => Promise.reject(new Error('nothing is free for collateral')) }
  const events = followEvents({
    ...{ journal, matcher, domain, log: silent },
    leases: createLeases({ journal, matcher, chain: desk.chain, key: KEY }),
    ...{ jobs: idle as never, keeper: idle as never, offers: offers as never },
  })
  onTestFinished(() => {
    events.stop()
    journal.close()
    rmSync(folder, { recursive: true })
  })
  open!()
  await expect.poll(() => journal.lease(lease)?.id).toBe(lease)
})
