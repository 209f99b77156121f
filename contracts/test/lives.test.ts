// Whole lives of leases, signed by ethers: what a client in any language would do.
import '@nomicfoundation/hardhat-ethers-chai-matchers'
import { expect } from 'chai'
import { encodeBytes32String } from 'ethers'
import {
  claimOfOne,
  DAY,
  type Deal,
  deployMarket,
  ETHER,
  earned,
  encode,
  FUNDS,
  feeOf,
  HOUR,
  type Market,
  type Struct,
} from './support/market.ts'

const GUILTY = 1
const CLEAN = 2
const Status = { Open: 1n, Claimed: 3n, Slashed: 6n, Closed: 7n, Final: 8n }

describe('a life of a lease', () => {
  let market: Market

  beforeEach(async () => {
    market = await deployMarket()
  })

  afterEach(async () => {
    const { escrow, token, addresses, tasker, provider, challenger, arbiter, matcher, stranger } = market
    const all = [tasker, provider, challenger, arbiter, matcher, stranger]
    const held = await Promise.all(
      all.map(async (each) => (await market.freeOf(each)) + (await market.lockedOf(each))),
    )
    const sink = await escrow.getFunction('sink').staticCall(addresses.token)
    const sum = held.reduce((total, each) => total + each, sink)
    expect(await token.getFunction('balanceOf').staticCall(addresses.escrow)).to.equal(sum)
  })

  async function expectNothingLocked() {
    for (const party of [market.tasker, market.provider, market.challenger]) {
      expect(await market.lockedOf(party)).to.equal(0n)
    }
  }

  it('one job, closed by two signatures', async () => {
    const { leases, send, provider, tasker, matcher } = market
    const job = await market.jobOf()
    const deal = await market.open(await market.pairOf(await market.askOf(), await market.jobBidOf(job)))
    const { ask, bid, seq, fuel, openedAt } = deal.terms
    expect(deal.receipt.logs[0]?.topics.slice(1)).to.deep.equal([deal.id, ask, bid])
    await expect(deal.receipt)
      .to.emit(leases, 'Opened')
      .withArgs(deal.id, ask, bid, seq, fuel, openedAt, false)

    const owed = earned(deal.terms, 1_500_000_000n) + deal.terms.retainer
    await expect(send(leases, 'close', [await market.closingOf(deal, owed)]))
      .to.emit(leases, 'Closed')
      .withArgs(deal.id, owed)
    expect(await market.freeOf(provider)).to.equal(FUNDS + owed - feeOf(owed, 10n))
    expect(await market.freeOf(tasker)).to.equal(FUNDS - owed - feeOf(owed, 50n))
    expect(await market.freeOf(matcher)).to.equal(feeOf(owed, 10n) + feeOf(owed, 50n))
    await expectNothingLocked()
  })

  it('a lease by vouchers, finalised by a stranger', async () => {
    const { leases, send, sign, taskerKey, stranger, time, provider } = market
    const deal = await market.openLease()
    for (const owed of [ETHER, 3n * ETHER, 7n * ETHER]) {
      const voucher = await sign(taskerKey, 'Voucher', { lease: deal.id, owed })
      await expect(send(leases, 'redeem', [deal.terms, owed, voucher], stranger))
        .to.emit(leases, 'Redeemed')
        .withArgs(deal.id, owed)
    }
    await time.increaseTo(deal.terms.end + deal.terms.grace + deal.terms.window)
    await expect(send(leases, 'finalise', [deal.terms], stranger))
      .to.emit(leases, 'Final')
      .withArgs(deal.id, 7n * ETHER)
    expect(await market.freeOf(provider)).to.equal(FUNDS + 7n * ETHER - feeOf(7n * ETHER, 10n))
    await expectNothingLocked()
  })

  it('a silent tasker: the claim pays', async () => {
    const { leases, send, time, provider } = market
    const { deal, claim } = await claimed()
    const owed = claim.sum + deal.terms.retainer + deal.terms.claimFee
    const over = (await market.now()) + deal.terms.window
    await expect(send(leases, 'finalise', [deal.terms]))
      .to.be.revertedWithCustomError(leases, 'TooEarly')
      .withArgs(deal.id, over)
    await time.increaseTo(over)
    await send(leases, 'finalise', [deal.terms])
    expect(await market.freeOf(provider)).to.equal(FUNDS + owed - feeOf(owed, 10n))
    await expectNothingLocked()
  })

  it('a declined job is matched again and paid', async () => {
    const { leases, send, providerKey } = market
    const [ask, bid] = [await market.askOf(), await market.jobBidOf(await market.jobOf())]
    const first = await market.open(await market.pairOf(ask, bid))
    const again = { seq: 1n, previous: [first.terms] }
    await expect(market.open(await market.pairOf(ask, bid, again)))
      .to.be.revertedWithCustomError(leases, 'PreviousAttemptStands')
      .withArgs(first.id, Status.Open, 0n)

    const reason = encodeBytes32String('busy')
    await market.deployer.sendTransaction({ to: providerKey.address, value: ETHER })
    await expect(send(leases, 'decline', [first.terms, reason], providerKey.connect(market.ethers.provider)))
      .to.emit(leases, 'Declined')
      .withArgs(first.id, reason)
    const second = await market.open(await market.pairOf(ask, bid, again))
    await send(leases, 'close', [await market.closingOf(second, ETHER)])
    expect((await market.leaseOf(second)).status).to.equal(Status.Closed)
  })

  it('a dispute, guilty', async () => {
    const { leases, disputes, arbiters, send, arbiter, challenger, tasker, addresses, escrow } = market
    const { deal, dispute, caseId } = await disputed()
    const terms = deal.terms
    await expect(send(arbiters, 'rule', [addresses.disputes, caseId, GUILTY, '0x'], arbiter))
      .to.emit(disputes, 'Ruled')
      .withArgs(caseId, GUILTY)
    const fee: bigint = market.scheme.arbiterFee
    const rest: bigint = BigInt(terms.collateral) - fee
    const [toTasker, toWinner] = [feeOf(rest, 7_000n), feeOf(rest, 1_000n)]
    const burned = rest - toTasker - toWinner
    await expect(send(disputes, 'settle', [terms, market.scheme, dispute]))
      .to.emit(leases, 'Slashed')
      .withArgs(deal.id, 0n, challenger.address, fee, toTasker, toWinner, burned)
    expect(await market.freeOf(challenger)).to.equal(FUNDS + toWinner)
    expect(await market.freeOf(tasker)).to.equal(FUNDS + toTasker)
    expect(await market.freeOf(arbiter)).to.equal(fee)
    expect(await escrow.getFunction('sink').staticCall(addresses.token)).to.equal(burned)
    await expectNothingLocked()
  })

  it('a dispute, clean', async () => {
    const { leases, disputes, arbiters, send, arbiter, challenger, addresses } = market
    const { deal, dispute, caseId } = await disputed()
    await send(arbiters, 'rule', [addresses.disputes, caseId, CLEAN, '0x'], arbiter)
    const rest = BigInt(deal.terms.bond) - BigInt(market.scheme.arbiterFee)
    const toProvider = feeOf(rest, 8_000n)
    await expect(send(disputes, 'settle', [deal.terms, market.scheme, dispute]))
      .to.emit(leases, 'BondForfeited')
      .withArgs(deal.id, challenger.address, market.scheme.arbiterFee, toProvider, rest - toProvider)
    expect((await market.leaseOf(deal)).status).to.equal(Status.Open)
    expect(await market.freeOf(challenger)).to.equal(FUNDS - deal.terms.bond)
  })

  it('a dispute that nobody rules', async () => {
    const { leases, disputes, arbiters, send, arbiter, challenger, addresses, time } = market
    const { deal, dispute, caseId } = await disputed()
    const ruleBy = dispute.openedAt + deal.terms.disputeLimit
    await time.increaseTo(ruleBy)
    await expect(send(arbiters, 'rule', [addresses.disputes, caseId, GUILTY, '0x'], arbiter))
      .to.be.revertedWithCustomError(disputes, 'RuledTooLate')
      .withArgs(caseId, ruleBy)
    await expect(send(disputes, 'timeout', [deal.terms, dispute]))
      .to.emit(leases, 'Voided')
      .withArgs(deal.id, dispute.amount)
    expect(await market.freeOf(challenger)).to.equal(FUNDS)
    expect(await disputes.getFunction('isVoid').staticCall(deal.id, 0)).to.equal(true)
  })

  it('a demanded leaf, answered with the output on chain', async () => {
    const { demands, send, tasker, provider, stranger } = market
    const { deal, claim, evidence, output } = await claimed()
    await expect(send(demands, 'demand', [deal.terms, claim, 0n], tasker))
      .to.emit(demands, 'LeafDemanded')
      .withArgs(deal.id, 0n, tasker.address, (await market.now()) + 1n + deal.terms.window / 4n)
    const receipt = { signature: '0x', output }
    await expect(send(demands, 'answer', [deal.terms, claim, evidence, receipt, []], stranger))
      .to.emit(demands, 'OutputShown')
      .withArgs(deal.id, evidence.result.ticket, output)
    const stake = FUNDS - deal.terms.collateral
    expect(await market.freeOf(provider)).to.equal(stake + deal.terms.claimFee)
  })

  it('a demanded leaf that nobody shows', async () => {
    const { leases, demands, send, tasker, time } = market
    const { deal, claim } = await claimed()
    await send(demands, 'demand', [deal.terms, claim, 0n], tasker)
    await time.increase(deal.terms.window / 4n)
    await expect(send(demands, 'lapse', [deal.terms, market.scheme, 0n])).to.emit(leases, 'Slashed')
    expect((await market.leaseOf(deal)).status).to.equal(Status.Slashed)
    await expectNothingLocked()
  })

  it('a batch with invalid neighbours', async () => {
    const { leases, send } = market
    const pairs = await Promise.all(
      [{}, { maxPrice: 1n }, {}].map(async (changes) =>
        market.pairOf(await market.askOf(), await market.bidOf(changes)),
      ),
    )
    const dear = pairs[1]!.ask.price
    const receipt = await send(leases, 'openBatch', [pairs])
    const reason = leases.interface.encodeErrorResult('Misfit', [0n, dear, 1n])
    await expect(receipt)
      .to.emit(leases, 'MatchSkipped')
      .withArgs(1n, market.digest('Ask', pairs[1]!.ask), market.digest('Bid', pairs[1]!.bid), reason)

    const openedAt = await market.now()
    const deals = [pairs[0]!, pairs[2]!].map((pair): Deal => {
      const terms = market.termsOf(pair, openedAt)
      return { terms, id: market.hash('Terms', terms), receipt }
    })
    const closings = await Promise.all(deals.map((deal) => market.closingOf(deal, ETHER)))
    const forged = { ...closings[0]!, owed: 2n * ETHER }
    await expect(send(leases, 'closeBatch', [[forged, ...closings]]))
      .to.emit(leases, 'CloseSkipped')
      .and.to.emit(leases, 'Closed')
    for (const deal of deals) expect((await market.leaseOf(deal)).paid).to.equal(ETHER)
    await expectNothingLocked()
  })

  /** A lease with one result, claimed. */
  async function claimed() {
    const { leases, send, provider } = market
    const deal = await market.openLease()
    const output = '0x68656c6c6f'
    const bytes = Buffer.from(output.slice(2), 'hex')
    const evidence = await market.evidenceOf(await market.ticketOf(deal, 0n), 1_234_567_891n, bytes)
    const claim = claimOfOne(market.hash('Result', evidence.result), earned(deal.terms, 1_234_567_891n))
    await send(leases, 'claim', [deal.terms, claim], provider)
    return { deal, claim, evidence, output }
  }

  /** A lease whose only result is contested. */
  async function disputed(): Promise<{ deal: Deal; dispute: Struct; caseId: string }> {
    const { disputes, send, challenger } = market
    const deal = await market.openLease()
    const evidence = await market.evidenceOf(await market.ticketOf(deal, 0n), 1_234_567_891n)
    const receipt = await send(disputes, 'challenge', [deal.terms, market.scheme, evidence], challenger)
    const dispute = {
      lease: deal.id,
      index: 0n,
      result: market.hash('Result', evidence.result),
      challenger: challenger.address,
      bond: deal.terms.bond,
      amount: earned(deal.terms, 1_234_567_891n),
      openedAt: await market.now(),
    }
    const types = ['bytes32', 'uint32', 'bytes32', 'address', 'uint96', 'uint96', 'uint40']
    const caseId = market.ethers.keccak256(encode(types, Object.values(dispute)))
    const ruleBy = dispute.openedAt + deal.terms.disputeLimit
    await expect(receipt)
      .to.emit(disputes, 'DisputeOpened')
      .withArgs(caseId, deal.id, challenger.address, 0n, dispute.result, dispute.bond, dispute.amount, ruleBy)
    return { deal, dispute, caseId }
  }
})

describe('deposits and domains', () => {
  let market: Market

  before(async () => {
    market = await deployMarket()
  })

  it('a permit that a stranger sent ahead is no failure', async () => {
    const { escrow, token, send, stranger, matcher, addresses, domain } = market
    await send(token, 'mint', [stranger.address, 5n * ETHER])
    const deadline = (await market.now()) + HOUR
    const permit = {
      owner: stranger.address,
      spender: addresses.escrow,
      value: 5n * ETHER,
      nonce: 0n,
      deadline,
    }
    const types = {
      Permit: ['address owner', 'address spender', 'uint256 value', 'uint256 nonce', 'uint256 deadline'].map(
        (field) => ({ type: field.split(' ')[0]!, name: field.split(' ')[1]! }),
      ),
    }
    const tokens = { ...domain, name: 'Test', verifyingContract: addresses.token }
    const signature = market.ethers.Signature.from(await stranger.signTypedData(tokens, types, permit))
    const vrs = [signature.v, signature.r, signature.s]
    await send(token, 'permit', [stranger.address, addresses.escrow, permit.value, deadline, ...vrs], matcher)
    await expect(
      send(
        escrow,
        'depositWithPermit',
        [addresses.token, permit.value, stranger.address, deadline, ...vrs],
        stranger,
      ),
    )
      .to.emit(escrow, 'Deposited')
      .withArgs(addresses.token, stranger.address, permit.value)
  })

  it('names its domain by ERC-5267', async () => {
    const [fields, name, version, chainId, contract, salt, extensions] = await market.leases
      .getFunction('eip712Domain')
      .staticCall()
    expect([fields, name, version, chainId, contract, [...extensions]]).to.deep.equal([
      '0x0f',
      'Millrace',
      '1',
      market.domain.chainId,
      market.addresses.leases,
      [],
    ])
    expect(BigInt(salt)).to.equal(0n)
    expect(await market.leases.getFunction('domainSeparator').staticCall()).to.equal(
      market.ethers.TypedDataEncoder.hashDomain(market.domain),
    )
  })

  it('keeps withdrawals to the owner', async () => {
    const { escrow, send, stranger, addresses } = market
    const free = await market.freeOf(stranger)
    await expect(send(escrow, 'withdraw', [addresses.token, free + DAY, stranger.address], stranger))
      .to.be.revertedWithCustomError(escrow, 'InsufficientFunds')
      .withArgs(addresses.token, stranger.address, free, free + DAY)
  })
})
