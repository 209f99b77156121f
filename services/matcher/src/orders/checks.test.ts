import { MAX_FUEL } from '@millrace/machine'
import { type Bid, hashJob, schemesRoot } from '@millrace/sdk'
import { describe, expect, it } from 'vitest'
import { address, askEntry, bidEntry, hash, job, NOW, scheme } from '../../test/support/orders.ts'
import { checkAsk, checkBid } from './checks.ts'

const huge = { ...job, fuel: MAX_FUEL + 1n }
const STORE = address(7)
const fees = { feeTo: address(9), makerFee: 10, takerFee: 20, store: STORE }
const granted = { feeTo: address(9), makerFee: 10, takerFee: 20 }
const { ask } = askEntry(1, { schemes: schemesRoot([scheme]), ...granted })
const bid = (changes: Partial<Bid> = {}) => bidEntry(2, { ...granted, ...changes }).bid
const withJob = (changes: Partial<Bid> = {}) => bid({ job: hashJob(job), ...changes })

describe('checkAsk', () => {
  it('takes one that is whole', () => {
    expect(checkAsk(ask, [scheme], fees, NOW)).toBeUndefined()
  })
  it.each([
    ['scheme-mismatch', { schemes: hash(1) }],
    ['no-fuel', { capacity: 0n }],
    ['order-expired', { expiry: NOW }],
    ['fee-mismatch', { takerFee: 19 }],
    ['fee-mismatch', { feeTo: address(8) }],
  ] as const)('refuses: %s', (code, changes) => {
    expect(checkAsk({ ...ask, ...changes }, [scheme], fees, NOW)?.code).toBe(code)
  })
})

describe('checkBid', () => {
  it('takes one that is whole, with and without a job', () => {
    expect(checkBid(bid(), scheme, undefined, fees, NOW)).toBeUndefined()
    expect(checkBid(withJob(), scheme, job, fees, NOW)).toBeUndefined()
    expect(checkBid(bid({ store: STORE }), scheme, undefined, fees, NOW)).toBeUndefined()
    expect(checkBid(bid({ store: address(1) }), scheme, undefined, fees, NOW)).toBeUndefined()
  })
  it('grants anybody nothing where the matcher takes nothing', () => {
    const nothing = { feeTo: address(9), makerFee: 0, takerFee: 0, store: STORE }
    expect(
      checkBid(bid({ makerFee: 0, takerFee: 0, feeTo: address(3) }), scheme, undefined, nothing, NOW),
    ).toBeUndefined()
  })
  it.each([
    ['foreign-store', bid({ store: address(6) }), undefined],
    ['scheme-mismatch', bid({ scheme: hash(1) }), undefined],
    ['bond-too-small', bid({ bond: 9n }), undefined],
    ['no-fuel', bid({ fuel: 0n }), undefined],
    ['order-ended', bid({ end: NOW }), undefined],
    ['order-expired', bid({ expiry: NOW }), undefined],
    ['fee-mismatch', bid({ makerFee: 11 }), undefined],
    ['job-mismatch', bid(), job],
    ['job-mismatch', withJob(), undefined],
    ['job-mismatch', withJob(), { ...job, outputMax: 1 }],
    ['job-mismatch', withJob({ fuel: 909_999_999n }), job],
    ['job-mismatch', withJob({ maxFuel: 899_999_999n }), job],
    [
      'too-much-fuel',
      bid({ job: hashJob(huge), fuel: 2n * MAX_FUEL, maxFuel: huge.fuel, maxJobFuel: 0n }),
      huge,
    ],
    ['no-attempt', withJob({ attempts: 0 }), job],
  ] as const)('refuses: %s', (code, order, carried) => {
    expect(checkBid(order, scheme, carried, fees, NOW)?.code).toBe(code)
  })
})
