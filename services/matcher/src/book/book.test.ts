import { describe, expect, it } from 'vitest'
import { askEntry, bidEntry, NOW, TOKEN } from '../../test/support/orders.ts'
import { Book } from './book.ts'
import { pair } from './match.ts'

function setUp() {
  const book = new Book()
  const [ask, bid] = [askEntry(1), bidEntry(2)]
  book.put(ask)
  book.put(bid)
  const parties = { tasker: bid.bid.account, provider: ask.ask.account, token: TOKEN }
  return { book, ask, bid, reservation: { ...pair(bid, ask), ...parties } }
}

describe('Book', () => {
  it('takes what is on its way to the chain from both orders and both purses, until it is released', () => {
    const { book, ask, bid, reservation } = setUp()
    book.reserve('open.1', reservation)
    expect(book.asks()[0]!.remaining).toBe(ask.remaining - 2_000_000_000n)
    expect(book.bids(NOW)).toEqual([])
    expect(book.held(bid.bid.account, TOKEN)).toBe(205n)
    expect(book.held(ask.ask.account, TOKEN)).toBe(1_000n)

    book.release('open.1')
    expect(book.asks()).toEqual([ask])
    expect(book.bids(NOW)).toEqual([bid])
    expect(book.held(ask.ask.account, TOKEN)).toBe(0n)
  })

  it('keeps a refused pair apart for a while', () => {
    const { book, ask, bid } = setUp()
    book.bar(bid.digest, ask.digest, NOW + 5n)
    expect(book.bids(NOW)[0]!.barred).toEqual(new Set([ask.digest]))
    expect(book.bids(NOW + 5n)[0]!.barred).toEqual(new Set())
  })
})
