// The SDK's documents against the contracts and against ethers, on random values: whoever signs by the SDK signs what the
// contracts check.
import '@nomicfoundation/hardhat-ethers-chai-matchers'
import { commit } from '@millrace/machine'
import {
  type Ask,
  acceptanceStruct,
  amountOf,
  askStruct,
  type Bid,
  bidStruct,
  claimTree,
  closeStruct,
  type Domain,
  deliveredStruct,
  fromAbi,
  hashResult,
  jobStruct,
  leaseIdOf,
  resultStruct,
  type Scheme,
  type Struct as SdkStruct,
  schemeLeaf,
  schemeProof,
  schemesRoot,
  signerFromKey,
  signResult,
  signTicket,
  signVoucher,
  structDigest,
  structHash,
  taskerLock,
  termsOf,
  termsStruct,
  ticketHash,
  ticketStruct,
  voucherStruct,
} from '@millrace/sdk'
import { expect } from 'chai'
import { id, ZeroAddress, ZeroHash } from 'ethers'
import {
  DAY,
  type Deal,
  deployMarket,
  ETHER,
  earned,
  GIGAFUEL,
  type Market,
  type Struct,
} from './support/market.ts'
import { random } from './support/random.ts'
import type { DocumentName } from './support/types.ts'

const STRUCTS: Record<DocumentName, SdkStruct> = {
  Ask: askStruct,
  Bid: bidStruct,
  Terms: termsStruct,
  Job: jobStruct,
  Ticket: ticketStruct,
  Acceptance: acceptanceStruct,
  Result: resultStruct,
  Delivered: deliveredStruct,
  Voucher: voucherStruct,
  Close: closeStruct,
}

describe('the SDK and the contracts', () => {
  const { seed, below, hex, bits } = random()
  let market: Market
  let domain: Domain

  before(async () => {
    console.log(`    seed ${seed}`)
    market = await deployMarket()
    domain = { ...market.domain, chainId: Number(market.domain.chainId) } as Domain
  })

  /** A document of this struct with random fields, as the SDK takes it. */
  function drawn(struct: SdkStruct): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(struct.fields).map(([field, type]) => {
        if (typeof type !== 'string') return [field, drawn(type)]
        if (type === 'address') return [field, hex(20)]
        if (type === 'bytes32') return [field, hex(32)]
        const width = Number(type.slice('uint'.length))
        return [field, width > 32 ? bits(width) : Number(bits(width))]
      }),
    )
  }

  for (const [name, struct] of Object.entries(STRUCTS) as [DocumentName, SdkStruct][]) {
    it(`hash and digest ${name} as ethers does`, () => {
      for (let round = 0; round < 50; round++) {
        const document = drawn(struct)
        expect(structHash(struct, document as never)).to.equal(market.hash(name, document))
        expect(structDigest(struct, domain, document as never)).to.equal(market.digest(name, document))
      }
    })
  }

  it('derive the same terms, lease and lock from two orders', async () => {
    for (let round = 0; round < 25; round++) {
      const pair = await drawnPair()
      const deal = await market.open(pair)
      const [ask, bid] = [fromAbi(askStruct, pair.ask), fromAbi(bidStruct, pair.bid)]
      const terms = termsOf(
        ask as Ask,
        bid as Bid,
        { seq: 0n, fuel: pair.fuel, bidIsMaker: pair.bidIsMaker, openedAt: await market.now() },
        domain,
      )
      await expect(deal.receipt)
        .to.emit(market.leases, 'Opened')
        .withArgs(leaseIdOf(terms), terms.ask, terms.bid, 0n, pair.fuel, terms.openedAt, pair.bidIsMaker)
      expect(await market.lockedOf(market.tasker)).to.equal(taskerLock(terms))
      expect(await market.lockedOf(market.provider)).to.equal(terms.collateral)
      await market.send(market.leases, 'close', [await market.closingOf(deal, 0n)])
    }
  })

  it('prove a scheme among others', async () => {
    for (let others = 0; others < 6; others++) {
      const scheme = fromAbi({ name: 'Scheme', fields: SCHEME_FIELDS }, market.scheme) as Scheme
      const schemes = [scheme, ...Array.from({ length: others }, () => ({ ...scheme, arbiter: hex(20) }))]
      const ask = await market.askOf({ schemes: schemesRoot(schemes) })
      const bid = await market.bidOf({ scheme: schemeLeaf(scheme) })
      const changes = { schemeProof: schemeProof(schemes, scheme) }
      await market.open(await market.pairOf(ask, bid, changes))
    }
  })

  it('sign vouchers, tickets and results that the contracts take', async () => {
    const { leases, disputes, send, challenger, scheme } = market
    const deal = await market.openLease()
    const [tasker, provider] = [signerFromKey(keyOf('tasker')), signerFromKey(keyOf('provider'))]
    const owed = below(ETHER)
    const lease = deal.id as `0x${string}`
    const voucher = await signVoucher(tasker, domain, { lease, owed })
    await expect(send(leases, 'redeem', [deal.terms, owed, voucher])).to.emit(leases, 'Redeemed')

    const job = fromAbi(jobStruct, await market.jobOf())
    const ticket = { lease, index: 7, job }
    const result = { ticket: ticketHash(ticket), status: 1, fuelUsed: 3n, output: hex(32) }
    const evidence = {
      ticket,
      ticketSignature: await signTicket(tasker, domain, ticket),
      result,
      resultSignature: await signResult(provider, domain, result),
    }
    const receipt = await send(disputes, 'challenge', [deal.terms, scheme, evidence], challenger)
    await expect(receipt).to.emit(disputes, 'DisputeOpened')
    const opened = receipt.logs.map((log) => disputes.interface.parseLog(log)).find((log) => log)
    expect(opened?.args.result).to.equal(hashResult(result))
  })

  it('build claims of which every leaf can be shown', async () => {
    const { leases, demands, send, provider, tasker } = market
    for (const count of [1, 2, 3, 5, 8, 13]) {
      const deal = await market.openLease()
      const outputs = Array.from({ length: count }, () =>
        Buffer.from(hex(Number(below(100n))).slice(2), 'hex'),
      )
      const skipped = count > 2 ? Number(below(BigInt(count - 1))) : -1
      const papers = await Promise.all(outputs.map((output, index) => paperOf(deal, index, output)))
      const tree = claimTree(papers.flatMap(({ entry }) => (entry.index === skipped ? [] : [entry])))
      const claim = { root: tree.root, count: tree.count, sum: tree.sum }
      await send(leases, 'claim', [deal.terms, claim], provider)
      for (const { evidence, entry } of papers) {
        const path = tree.pathOf(entry.index)
        await send(demands, 'demand', [deal.terms, claim, entry.index], tasker)
        const answer =
          entry.index === skipped
            ? send(demands, 'answerSkipped', [deal.terms, claim, entry.index, path])
            : send(demands, 'answer', [
                deal.terms,
                claim,
                evidence,
                { signature: '0x', output: outputs[entry.index] },
                path,
              ])
        await expect(answer).to.emit(demands, 'LeafShown')
      }
    }
  })

  it('commit to bytes of every length alike', async () => {
    const { demands, send, tasker, time } = market
    const deal = await market.openLease()
    const job = await market.jobOf()
    await time.increaseTo(job.deadline)
    for (const length of [0, 1, 31, 32, 33, 64, 65, 1000, 8192]) {
      const output = Buffer.from(length === 0 ? '' : hex(length).slice(2), 'hex')
      const ticket = await market.ticketOf(deal, BigInt(length), job)
      const evidence = await market.evidenceOf(ticket, 1n, output)
      const acceptance = await market.sign(market.providerKey, 'Acceptance', {
        ticket: evidence.result.ticket,
      })
      const asked = [deal.terms, ticket, evidence.ticketSignature, acceptance]
      await send(demands, 'demandAccepted', asked, tasker)
      await expect(send(demands, 'answerAccepted', [deal.terms, evidence, { signature: '0x', output }]))
        .to.emit(demands, 'OutputShown')
        .withArgs(deal.id, evidence.result.ticket, `0x${output.toString('hex')}`)
      expect(evidence.result.output).to.equal(commit(output))
    }
  })

  async function drawnPair(): Promise<Struct> {
    const price = below(ETHER)
    const fuel = GIGAFUEL + below(5n * GIGAFUEL)
    const ask = await market.askOf({
      price,
      jobFuel: below(1_000_000n),
      collateral: ETHER + below(ETHER),
      retainer: below(ETHER),
      claimFee: below(ETHER),
      minFuel: 0n,
      feeTo: below(2n) ? hex(20) : ZeroAddress,
      makerFee: below(10_001n),
      takerFee: below(10_001n),
    })
    const withJob = below(2n) === 1n
    const bid = await market.bidOf({
      fuel,
      minFuel: 0n,
      makerFee: below(10_001n),
      takerFee: below(10_001n),
      feeTo: hex(20),
      job: withJob ? hex(32) : ZeroHash,
      attemptTime: below(2n * DAY),
      grace: withJob ? 0n : 7_200n + below(DAY),
    })
    return market.pairOf(ask, bid, { bidIsMaker: below(2n) === 1n })
  }

  async function paperOf(deal: Deal, index: number, output: Uint8Array<ArrayBuffer>) {
    const fuelUsed = below(GIGAFUEL)
    const evidence = await market.evidenceOf(await market.ticketOf(deal, BigInt(index)), fuelUsed, output)
    const amount = amountOf(deal.terms.price, fuelUsed, deal.terms.jobFuel)
    expect(amount).to.equal(earned(deal.terms, fuelUsed))
    return { evidence, entry: { index, result: fromAbi(resultStruct, evidence.result), amount } }
  }
})

const SCHEME_FIELDS = {
  scheme: 'address',
  arbiter: 'address',
  arbiterFee: 'uint96',
  machineVersion: 'uint32',
  taskerShare: 'uint16',
  winnerShare: 'uint16',
} as const

/** The keys of `deployMarket`. */
const keyOf = (name: string) => id(`${name}'s key in tests`) as `0x${string}`
