import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mostOf } from '../documents/lock.ts'
import { LeaseExhaustedError, LeaseLedger } from './ledger.ts'

const terms = { price: 1_000_003n, jobFuel: 100n, fuel: 10_000n, retainer: 7n, claimFee: 0n, taskerFee: 0 }

describe('LeaseLedger', () => {
  it('counts a ticket at its most until its result is there', () => {
    const ledger = new LeaseLedger(terms)
    ledger.promise(5_000n)
    expect(ledger.left).toBe(4_900n)
    expect(() => ledger.promise(4_801n)).toThrow(LeaseExhaustedError)
    ledger.fulfil(5_000n, 1_000n)
    expect(ledger.left).toBe(8_900n)
  })

  it('gives back what comes to nothing', () => {
    const ledger = new LeaseLedger(terms)
    ledger.promise(5_000n)
    ledger.release(5_000n)
    expect([ledger.left, ledger.owed]).toEqual([terms.fuel, terms.retainer])
  })

  it('never owes more than the lease can come to, whatever is run in whatever order', () => {
    const jobs = fc.array(
      fc.record({ fuel: fc.bigInt(0n, 3_000n), share: fc.bigInt(0n, 100n), lost: fc.boolean() }),
    )
    fc.assert(
      fc.property(jobs, (list) => {
        const ledger = new LeaseLedger(terms)
        const promised: typeof list = []
        for (const job of list) {
          if (job.fuel + terms.jobFuel <= ledger.left) {
            ledger.promise(job.fuel)
            promised.push(job)
          } else expect(() => ledger.promise(job.fuel)).toThrow(LeaseExhaustedError)
        }
        for (const { fuel, share, lost } of promised) {
          if (lost) ledger.release(fuel)
          else ledger.fulfil(fuel, (fuel * share) / 100n)
        }
        expect(ledger.left).toBeGreaterThanOrEqual(0n)
        expect(ledger.owed).toBeLessThanOrEqual(mostOf(terms))
      }),
    )
  })
})
