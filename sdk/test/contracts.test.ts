/** What the SDK computes is what the contracts compute, on a real chain. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leasesAbi } from '../src/abi/index.gen.ts'
import { deposit } from '../src/actions/deposit.ts'
import { getFunds } from '../src/actions/getFunds.ts'
import {
  cancelBelow,
  cancelNonces,
  cancelOrderOnChain,
  challenge,
  claim,
  closeLease,
  finalise,
  mint,
  openMatch,
  redeem,
  rule,
  settleDispute,
  withdraw,
} from '../src/actions/transactions.ts'
import { type Match, noncesOf } from '../src/calls/leases.ts'
import { claimTree } from '../src/documents/claim.ts'
import { signClose } from '../src/documents/close.ts'
import { domainSeparator } from '../src/documents/domain.ts'
import { hashJob } from '../src/documents/job.ts'
import { lockedOf, mostOf, taskerLock } from '../src/documents/lock.ts'
import { amountOf, feeOf } from '../src/documents/money.ts'
import { hashResult, signResult } from '../src/documents/result.ts'
import { schemeLeaf } from '../src/documents/scheme.ts'
import { leaseIdOf, type Terms, termsOf } from '../src/documents/terms.ts'
import { signTicket, ticketHash } from '../src/documents/ticket.ts'
import { signVoucher } from '../src/documents/voucher.ts'
import {
  ERC20InsufficientBalanceError,
  InsufficientFundsError,
  NonceSpentError,
  TooEarlyError,
  VoucherStaleError,
  WrongSeqError,
} from '../src/errors/contracts/index.ts'
import { START_TIMEOUT, startChain, type TestChain } from './chain.ts'
import { GIGA, matchOf } from './orders.ts'

const TASKER = 1
const PROVIDER = 2
const CHALLENGER = 3
const ARBITER = 9
const WEALTH = 10n ** 12n
const hash = `0x${'ab'.repeat(32)}` as const

let chain: TestChain
beforeAll(async () => {
  chain = await startChain()
  for (const index of [TASKER, PROVIDER, CHALLENGER]) {
    const client = chain.client(index)
    const { token } = chain.contracts
    await mint(client, { token, to: chain.account(index).address, amount: 2n * WEALTH })
    await deposit(client, { token, amount: WEALTH })
  }
}, START_TIMEOUT)
afterAll(() => chain.close())

/** Hardhat's matchers for chai take `rejects` over once its runtime is loaded, so failures are taken by hand. */
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

/** Opens a lease and gives the terms that the SDK derives for it. */
async function open(changes: Parameters<typeof matchOf>[2] = {}): Promise<{ terms: Terms; match: Match }> {
  const match = await matchOf(chain, { tasker: TASKER, provider: PROVIDER }, changes)
  const { lease, receipt } = await openMatch(chain.client(TASKER), { match })
  const { timestamp } = await chain.publicClient.getBlock({ blockNumber: receipt.blockNumber })
  const terms = termsOf(match.ask, match.bid, { ...match, openedAt: timestamp }, chain.domain)
  expect(leaseIdOf(terms)).toBe(lease)
  return { terms, match }
}

const funds = (index: number) =>
  getFunds(chain.client(index), { token: chain.contracts.token, account: chain.account(index).address })

describe('hashes', () => {
  it('the domain separator is that of the lease book', async () => {
    const address = chain.contracts.leases
    const onChain = await chain.publicClient.readContract({
      address,
      abi: leasesAbi,
      functionName: 'domainSeparator',
    })
    expect(domainSeparator(chain.domain)).toBe(onChain)
  })

  let nonce = 100n
  it.each([
    ['the bid as maker', { match: { bidIsMaker: true } }],
    ['a part of the bid', { match: { fuel: 3n * GIGA } }],
    ['a job with an end of its own', { bid: { job: hash, attemptTime: 500n } }],
    ['a job until the end', { bid: { job: hash } }],
    ['an attempt longer than the bid', { bid: { job: hash, attemptTime: 10n ** 6n } }],
  ])('terms follow from the orders: %s', async (_, changes) => {
    nonce += 10n
    await open({ ...changes, ask: { nonce }, bid: { ...('bid' in changes ? changes.bid : {}), nonce } })
  })
})

describe('money', () => {
  it('what is locked is what the SDK says', async () => {
    const before = await Promise.all([funds(TASKER), funds(PROVIDER)])
    const { terms } = await open({ ask: { nonce: 2n }, bid: { nonce: 2n } })
    const after = await Promise.all([funds(TASKER), funds(PROVIDER)])
    expect(after[0].locked - before[0].locked).toBe(taskerLock(terms))
    expect(after[1].locked - before[1].locked).toBe(terms.collateral)
    expect(lockedOf({ terms, state: 'open', paid: 0n })).toEqual({
      tasker: taskerLock(terms),
      collateral: terms.collateral,
    })
    expect(after[0].locks).toBeUndefined() // the matcher, which knows the leases, is away
  })

  it('vouchers pay with both fees, and what is locked goes down by it', async () => {
    const client = chain.client(PROVIDER)
    const { terms } = await open({ ask: { nonce: 3n }, bid: { nonce: 3n } })
    const [tasker, provider] = await Promise.all([funds(TASKER), funds(PROVIDER)])
    const voucher = { lease: leaseIdOf(terms), owed: 1_234_567n }
    const signature = await signVoucher(chain.account(TASKER), chain.domain, voucher)
    await redeem(client, { terms, owed: voucher.owed, signature })

    const after = await Promise.all([funds(TASKER), funds(PROVIDER)])
    const paid = voucher.owed
    expect(tasker.locked - after[0].locked).toBe(paid + feeOf(paid, terms.taskerFee))
    expect(after[1].free - provider.free).toBe(paid - feeOf(paid, terms.providerFee))
    expect(await failureOf(redeem(client, { terms, owed: paid, signature }))).toBeInstanceOf(
      VoucherStaleError,
    )
  })

  it('two signatures close for what they say', async () => {
    const { terms } = await open({ ask: { nonce: 4n }, bid: { nonce: 4n } })
    const close = { lease: leaseIdOf(terms), owed: mostOf(terms), until: terms.end }
    const sign = (index: number) => signClose(chain.account(index), chain.domain, close)
    const [taskerSignature, providerSignature] = await Promise.all([sign(TASKER), sign(PROVIDER)])
    const before = await funds(TASKER)
    await closeLease(chain.client(CHALLENGER), {
      closing: { terms, owed: close.owed, until: close.until, taskerSignature, providerSignature },
    })
    const after = await funds(TASKER)
    expect(before.locked - after.locked).toBe(taskerLock(terms))
  })
})

describe('papers', () => {
  it('a claim is taken with its root and paid when the window is over', async () => {
    const { terms } = await open({ ask: { nonce: 5n }, bid: { nonce: 5n } })
    const results = [0, 2, 5].map((index) => {
      const result = { ticket: hash, status: 0, fuelUsed: (BigInt(index) * GIGA) / 2n, output: hash }
      return { index, result, amount: amountOf(terms.price, result.fuelUsed, terms.jobFuel) }
    })
    const tree = claimTree(results)
    expect([tree.count, tree.sum]).toEqual([6, results.reduce((sum, { amount }) => sum + amount, 0n)])
    const provider = chain.client(PROVIDER)
    const { root, count, sum } = tree
    await claim(provider, { terms, claim: { root, count, sum } })
    expect(await failureOf(finalise(provider, { terms }))).toBeInstanceOf(TooEarlyError)

    const before = await funds(PROVIDER)
    await chain.warp((await chain.now()) + terms.window)
    await finalise(provider, { terms })
    const owed = terms.retainer + sum + terms.claimFee
    const after = await funds(PROVIDER)
    expect(after.free - before.free).toBe(terms.collateral + owed - feeOf(owed, terms.providerFee))
  })

  it('a signed ticket with its signed result opens a case, and a guilty verdict slashes', async () => {
    const job = { programRoot: hash, input: hash, fuel: GIGA, outputMax: 100, deadline: 2n ** 39n }
    const { terms } = await open({ ask: { nonce: 6n }, bid: { nonce: 6n, job: hashJob(job) } })
    const lease = leaseIdOf(terms)
    const ticket = { lease, index: 0, job }
    const result = { ticket: ticketHash(ticket), status: 0, fuelUsed: GIGA, output: hash }
    const resultSignature = await signResult(chain.account(PROVIDER), chain.domain, result)
    const evidence = { ticket, ticketSignature: '0x' as const, result, resultSignature }
    const { scheme } = chain
    const opened = await challenge(chain.client(CHALLENGER), { terms, scheme, evidence })
    expect(opened.bond).toBe(terms.bond)
    await rule(chain.client(ARBITER), { caseId: opened.caseId, verdict: 'guilty', reason: '0x' })

    const before = await funds(TASKER)
    const dispute = {
      lease,
      index: 0,
      result: hashResult(result),
      challenger: terms.tasker,
      bond: opened.bond,
      amount: amountOf(terms.price, GIGA, terms.jobFuel),
      openedAt: opened.ruleBy - terms.disputeLimit,
    }
    dispute.challenger = chain.account(CHALLENGER).address.toLowerCase() as typeof dispute.challenger
    await settleDispute(chain.client(TASKER), { terms, scheme, dispute })
    const after = await funds(TASKER)
    expect(after.free - before.free).toBeGreaterThan(taskerLock(terms))
  })

  it('a ticket of a longer lease is shown with its signature', async () => {
    const job = { programRoot: hash, input: hash, fuel: GIGA, outputMax: 100, deadline: 2n ** 39n }
    const { terms } = await open({ ask: { nonce: 7n }, bid: { nonce: 7n } })
    const ticket = { lease: leaseIdOf(terms), index: 3, job }
    const result = { ticket: ticketHash(ticket), status: 0, fuelUsed: 1n, output: hash }
    const evidence = {
      ticket,
      ticketSignature: await signTicket(chain.account(TASKER), chain.domain, ticket),
      result,
      resultSignature: await signResult(chain.account(PROVIDER), chain.domain, result),
    }
    const opened = await challenge(chain.client(CHALLENGER), { terms, scheme: chain.scheme, evidence })
    expect(opened.ruleBy).toBeGreaterThan(await chain.now())
    expect(schemeLeaf(chain.scheme)).toBe(terms.scheme)
  })
})

describe('a refusal is the class of the error', () => {
  it('with what is missing', async () => {
    const rich = await matchOf(
      chain,
      { tasker: TASKER, provider: PROVIDER },
      { ask: { nonce: 8n, retainer: 10n * WEALTH }, bid: { nonce: 8n, maxRetainer: 10n * WEALTH } },
    )
    const refusal = await failureOf(openMatch(chain.client(TASKER), { match: rich }))
    expect(refusal).toBeInstanceOf(InsufficientFundsError)
    expect(refusal).toMatchObject({ code: 'insufficient-funds', retryable: false })
  })

  it('when a match comes twice, and when its order is cancelled', async () => {
    const client = chain.client(TASKER)
    const { match } = await open({ ask: { nonce: 9n }, bid: { nonce: 9n }, match: { fuel: 3n * GIGA } })
    expect(await failureOf(openMatch(client, { match }))).toBeInstanceOf(WrongSeqError)

    await cancelNonces(client, { nonces: [700n, 701n] })
    const cancelled = await matchOf(
      chain,
      { tasker: TASKER, provider: PROVIDER },
      { ask: { nonce: 10n }, bid: { nonce: 701n } },
    )
    expect(await failureOf(openMatch(client, { match: cancelled }))).toBeInstanceOf(NonceSpentError)
    await cancelBelow(client, { nonce: 800n })
    const low = await matchOf(
      chain,
      { tasker: TASKER, provider: PROVIDER },
      { ask: { nonce: 10n }, bid: { nonce: 750n } },
    )
    expect(await failureOf(openMatch(client, { match: low }))).toBeInstanceOf(NonceSpentError)
  })
})

describe('cancelOrderOnChain', () => {
  it('cancels every attempt of a bid that carries a job, across words of 256', async () => {
    const client = chain.client(TASKER)
    const bid = { nonce: 1_023n, attempts: 3, job: hash, minFuel: 0n }
    const parties = { tasker: TASKER, provider: PROVIDER }
    const match = await matchOf(chain, parties, { ask: { nonce: 11n }, bid })
    expect(await cancelOrderOnChain(client, { order: match.bid })).toHaveLength(2)

    const bitsOf = (word: bigint) =>
      chain.publicClient.readContract({
        address: chain.contracts.leases,
        abi: leasesAbi,
        functionName: 'nonceBits',
        args: [match.bid.account, word],
      })
    expect([await bitsOf(3n), await bitsOf(4n)]).toEqual([1n << 255n, 0b11n])
    expect(await failureOf(openMatch(client, { match }))).toBeInstanceOf(NonceSpentError)
  })

  it('cancels the one nonce of any other order', async () => {
    const { ask, bid } = await matchOf(
      chain,
      { tasker: TASKER, provider: PROVIDER },
      { ask: { nonce: 1_300n } },
    )
    expect(noncesOf(ask)).toEqual([1_300n])
    expect(noncesOf({ ...bid, attempts: 3 })).toEqual([bid.nonce])
    expect(await cancelOrderOnChain(chain.client(PROVIDER), { order: ask })).toHaveLength(1)
  })
})

describe('deposit and withdraw', () => {
  it('a permit needs one transaction', async () => {
    const client = chain.client(TASKER)
    const { token } = chain.contracts
    const before = await chain.publicClient.getTransactionCount({ address: client.account!.address })
    const { credited } = await deposit(client, { token, amount: 5n })
    expect(credited).toBe(5n)
    expect(await chain.publicClient.getTransactionCount({ address: client.account!.address })).toBe(
      before + 1,
    )

    const { free } = await funds(TASKER)
    await withdraw(client, { token, amount: 5n, to: client.account!.address })
    expect((await funds(TASKER)).free).toBe(free - 5n)
  })

  it('more than there is says how much is missing', async () => {
    const client = chain.client(TASKER)
    const { token } = chain.contracts
    expect(await failureOf(deposit(client, { token, amount: 100n * WEALTH }))).toBeInstanceOf(
      ERC20InsufficientBalanceError,
    )
    expect(
      await failureOf(withdraw(client, { token, amount: 100n * WEALTH, to: client.account!.address })),
    ).toBeInstanceOf(InsufficientFundsError)
  })

  it('transactions sent at once do not take one nonce', async () => {
    const client = chain.client(TASKER)
    const { token } = chain.contracts
    const to = client.account!.address
    const sent = await Promise.all([1n, 2n, 3n].map((amount) => withdraw(client, { token, amount, to })))
    expect(new Set(sent.map((one) => one.hash)).size).toBe(3)
  })
})
