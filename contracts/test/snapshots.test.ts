// What must not drift unseen: gas, bytecode size, selectors. `UPDATE_SNAPSHOTS=1 npm test -- contracts` writes them anew.
import { expect } from 'chai'
import { Interface } from 'ethers'
import { artifacts } from 'hardhat'
import { claimOfOne, deployMarket, ETHER, earned, type Market, type Struct } from './support/market.ts'
import { compare, expectClose } from './support/snapshot.ts'

const NAMES = [
  'Escrow',
  'Leases',
  'Disputes',
  'Demands',
  'ArbiterScheme',
  'ProofScheme',
  'TestToken',
  'FloatUnit',
  'Machine',
]
/** EIP-170: most bytes of a contract's code. */
const MOST_BYTES = 24_576

describe('snapshots', () => {
  it('selectors', async () => {
    const selectors: Record<string, Record<string, string>> = {}
    for (const name of NAMES) {
      const { abi } = await artifacts.readArtifact(name)
      const parsed = new Interface(abi)
      const entries: [string, string][] = []
      parsed.forEachFunction((each) => entries.push([each.format(), each.selector]))
      parsed.forEachError((each) => entries.push([`error ${each.format()}`, each.selector]))
      parsed.forEachEvent((each) => entries.push([`event ${each.format()}`, each.topicHash]))
      selectors[name] = Object.fromEntries(entries.sort())
    }
    await compare('selectors', selectors, (was, is) => expect(is).to.deep.equal(was))
  })

  it('bytecode sizes', async () => {
    const sizes: Record<string, number> = {}
    for (const name of NAMES) {
      const { deployedBytecode } = await artifacts.readArtifact(name)
      sizes[name] = (deployedBytecode.length - 2) / 2
      expect(sizes[name], name).to.be.below(MOST_BYTES)
    }
    await compare('sizes', sizes, expectClose)
  })

  it('gas', async () => {
    const market = await deployMarket()
    await compare('gas', await measure(market), expectClose)
  })
})

/** Gas of each call between parties who were there before. */
async function measure(market: Market): Promise<Record<string, number>> {
  const { leases, disputes, demands, arbiters, escrow, send, tasker, provider, challenger, arbiter } = market
  const gas: Record<string, number> = {}
  const job = await market.jobOf()
  const pair = async () => market.pairOf(await market.askOf(), await market.jobBidOf(job))
  const before = await market.open(await pair())
  await send(leases, 'close', [await market.closingOf(before, ETHER)])

  const taken = async (name: string, sent: ReturnType<typeof send>) => {
    gas[name] = Number((await sent).gasUsed)
  }
  const oneOff = await market.open(await pair())
  gas['open, one job'] = Number(oneOff.receipt.gasUsed)
  await taken('close', send(leases, 'close', [await market.closingOf(oneOff, ETHER)]))
  const declined = await market.open(await pair())
  await taken('decline', send(leases, 'decline', [declined.terms, market.ethers.ZeroHash], provider))

  const bid = await market.bidOf()
  const part = await market.open(await market.pairOf(await market.askOf(), bid, { fuel: bid.minFuel }))
  gas['open, a part'] = Number(part.receipt.gasUsed)
  await taken('stop', send(leases, 'stop', [part.terms], tasker))

  const lease = await market.openLease()
  gas['open, a lease'] = Number(lease.receipt.gasUsed)
  const voucher = await market.sign(market.taskerKey, 'Voucher', { lease: lease.id, owed: ETHER })
  await taken('redeem', send(leases, 'redeem', [lease.terms, ETHER, voucher]))
  const output = Buffer.from('hello')
  const evidence = await market.evidenceOf(await market.ticketOf(lease, 0n), 1_234_567_891n, output)
  const claim = claimOfOne(market.hash('Result', evidence.result), earned(lease.terms, 1_234_567_891n))
  await taken('claim', send(leases, 'claim', [lease.terms, claim], provider))
  await taken('demand', send(demands, 'demand', [lease.terms, claim, 0n], tasker))
  const receipt = { signature: '0x', output }
  await taken('answer', send(demands, 'answer', [lease.terms, claim, evidence, receipt, []]))

  await taken('challenge', send(disputes, 'challenge', [lease.terms, market.scheme, evidence], challenger))
  const { dispute, caseId } = await openedBy(market, lease.terms, evidence)
  await taken('rule', send(arbiters, 'rule', [market.addresses.disputes, caseId, 2, '0x'], arbiter))
  await taken('settle, clean', send(disputes, 'settle', [lease.terms, market.scheme, dispute]))
  const again = await send(disputes, 'challenge', [lease.terms, market.scheme, evidence], challenger)
  expect(again.status).to.equal(1)
  const second = await openedBy(market, lease.terms, evidence)
  await send(arbiters, 'rule', [market.addresses.disputes, second.caseId, 1, '0x'], arbiter)
  await taken('settle, guilty', send(disputes, 'settle', [lease.terms, market.scheme, second.dispute]))

  const last = await market.openLease()
  await send(leases, 'claim', [last.terms, { ...claim, sum: ETHER }], provider)
  await market.time.increase(last.terms.window)
  await taken('finalise', send(leases, 'finalise', [last.terms]))
  const amount = [market.addresses.token, 1n, tasker.address]
  await taken('withdraw', send(escrow, 'withdraw', amount, tasker))
  return gas
}

/** The dispute that was opened in the newest block. */
async function openedBy(market: Market, terms: Struct, evidence: Struct) {
  const dispute = {
    lease: market.hash('Terms', terms),
    index: 0n,
    result: market.hash('Result', evidence.result),
    challenger: market.challenger.address,
    bond: terms.bond,
    amount: earned(terms, 1_234_567_891n),
    openedAt: await market.now(),
  }
  const types = ['bytes32', 'uint32', 'bytes32', 'address', 'uint96', 'uint96', 'uint40']
  const { AbiCoder, keccak256 } = market.ethers
  const caseId = keccak256(AbiCoder.defaultAbiCoder().encode(types, Object.values(dispute)))
  return { dispute, caseId }
}
