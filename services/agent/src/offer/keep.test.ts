import { type AskView, documentDomain } from '@millrace/sdk'
import { zeroAddress, zeroHash } from 'viem'
import { expect, it } from 'vitest'
import { DEFAULT_OFFER } from '../config.ts'
import { silent } from '../fixtures/desk.ts'
import type { Journal } from '../journal/journal.ts'
import { freeze } from '../journal/values.ts'
import type { ChainPort, MatcherPort } from '../ports.ts'
import { askOf, type Offer, type OfferPlace } from './ask.ts'
import { createOfferKeeper } from './keep.ts'

const offer: Offer = { ...DEFAULT_OFFER, price: 1n, collateral: 1n }
const place: OfferPlace = {
  ...{ account: zeroAddress, key: zeroAddress, token: zeroAddress, schemes: [], schemesRoot: zeroHash },
  ...{ feeTo: zeroAddress, makerFee: 10, takerFee: 20 },
}

it('says nothing of an offer before the book has it, also where an ask of last time was taken back', async () => {
  const last = askOf(offer, place, 1_000n, 7n)
  const booked = Promise.withResolvers<AskView>()
  const asked = Promise.withResolvers<void>()
  const offers = createOfferKeeper(offer, {
    journal: { note: () => freeze(last), setNote: () => {} } as unknown as Journal,
    matcher: {
      getAsk: async () => ({ status: 'cancelled', remaining: 5n }) as AskView,
      postAsk: () => {
        asked.resolve()
        return booked.promise
      },
      cancelAsk: async () => {},
    } as unknown as MatcherPort,
    chain: { now: async () => 1_000n } as ChainPort,
    domain: documentDomain(1, zeroAddress),
    place: async () => {
      expect(offers.status().remaining).toBeUndefined()
      return place
    },
    log: silent,
  })
  const pass = offers.pass()
  await asked.promise
  expect(offers.status().remaining).toBeUndefined()
  booked.resolve({ remaining: 6n } as AskView)
  await pass
  expect(offers.status()).toMatchObject({ remaining: 6n, problem: undefined })
})
