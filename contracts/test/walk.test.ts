// An invented leaf is found by walking the sums, though its provider answers everything else in the last second.
import '@nomicfoundation/hardhat-ethers-chai-matchers'
import { type ClaimTree, claimTree, type Result, type ShownLeaf, suspectLeaves } from '@millrace/sdk'
import { expect } from 'chai'
import { id } from 'ethers'
import { type Deal, deployMarket, earned, type Market } from './support/market.ts'
import { random } from './support/random.ts'

/** Of signed tickets; the claim's tree has 512 places. */
const COUNT = 300
const FUEL = 1_000_000_000n
const SLASHED = 6n

describe('a lie in a long lease', () => {
  let market: Market
  let deal: Deal
  let tree: ClaimTree

  const { below } = random()
  const invented = Number(below(BigInt(COUNT - 1)))

  before(async () => {
    market = await deployMarket()
    deal = await market.openLease()
    const resultOf = (index: number): Result => ({
      ticket: id(`ticket ${index}`) as `0x${string}`,
      status: 0,
      fuelUsed: FUEL,
      output: id('output') as `0x${string}`,
    })
    const amount = earned(deal.terms, FUEL)
    tree = claimTree([invented, COUNT - 1].map((index) => ({ index, amount, result: resultOf(index) })))
    await market.send(market.leases, 'claim', [deal.terms, summary()], market.provider)
  })

  const summary = () => ({ root: tree.root, count: tree.count, sum: tree.sum })

  it('is demanded in the second round', async () => {
    const { demands, send, tasker, provider, time } = market
    const { terms } = deal
    const claimedAt = await market.now()
    // All tickets but the last were skipped, as the tasker knows.
    const held = new Map([[COUNT - 1, earned(terms, FUEL)]])
    const shown: ShownLeaf[] = []
    const next = () =>
      suspectLeaves({ claim: summary(), held, shown, random: () => Number(below(1000n)) / 1000 })

    let rounds = 0
    let demanded = next()
    for (; !demanded.includes(invented); demanded = next()) {
      expect(++rounds, 'rounds before the one that finds it').to.equal(1)
      for (const index of demanded) await send(demands, 'demand', [terms, summary(), index], tasker)
      await time.increaseTo((await market.now()) + terms.window / 4n - 60n)
      for (const index of demanded) {
        const path = tree.pathOf(index)
        await send(demands, 'answerSkipped', [terms, summary(), index, path], provider)
        shown.push({ index, path })
      }
    }
    expect(await market.now()).to.be.lessThan(claimedAt + (terms.window * 5n) / 8n)

    for (const index of demanded) await send(demands, 'demand', [terms, summary(), index], tasker)
    await time.increase(terms.window / 4n)
    await expect(send(demands, 'lapse', [terms, market.scheme, invented])).to.emit(market.leases, 'Slashed')
    expect((await market.leaseOf(deal)).status).to.equal(SLASHED)
  })
})
