// What the market costs on chain: every transaction's whole cost (the receipt's gasUsed), deposits apart.
//
// Parties, prices and fees are those of the local stack: both orders name one matcher, which takes 0.25 % from the
// order that stood in the book and 0.75 % from the one that came to it; a bid stands, an ask comes.
import {
  type Ask,
  amountOf,
  type Bid,
  type Closing,
  claimCall,
  claimTree,
  closeBatchCall,
  closeCall,
  type Domain,
  documentDomain,
  finaliseCall,
  GIGAFUEL,
  hashJob,
  LEASE_STATES,
  leaseIdOf,
  type Match,
  openBatchCall,
  openCall,
  redeemCall,
  type Scheme,
  schemeLeaf,
  schemeProof,
  schemesRoot,
  signAsk,
  signBid,
  signClose,
  signVoucher,
  type Terms,
  termsOf,
  ticketHash,
} from '@millrace/sdk'
import { leasesAbi } from '@millrace/sdk/abi'
import { keccak256, numberToHex, zeroAddress, zeroHash } from 'viem'
import type { HDAccount } from 'viem/accounts'
import type { Deployment } from '../scripts/deploy.ts'
import { developmentAccount } from '../scripts/stack/development-accounts.ts'
import { type Chain, startChain } from './chain.ts'
import type { Bench } from './report.ts'

const TOKEN = 10n ** 18n
const DAY = 86_400n
const matcherAccount = developmentAccount(39)
const matcher = { feeTo: matcherAccount.address, makerFee: 25, takerFee: 75 }

interface World extends Chain {
  leases: Deployment['leases']
  domain: Domain
  scheme: Scheme
  schemes: Scheme[]
}

interface Pair {
  ask: Ask
  bid: Bid
  tasker: HDAccount
  provider: HDAccount
}

export async function measure(): Promise<Bench> {
  const json = {
    one_off_first: await fresh(oneOffFirst),
    one_off: await fresh(oneOffReturning),
    one_off_claim: await fresh(oneOffClaim),
    one_off_batch32: await fresh(batch32),
    lease1000_voucher_per_job: await fresh(leaseByVoucher),
    lease1000_claim_per_job: await fresh(leaseByClaim),
  }
  const aims = [235_000, 200_000, 255_000, 130_000, 250, 320]
  const figures = Object.entries(json).map(([name, value], i) => ({ name, value, aim: aims[i], unit: 'gas' }))
  return { json, figures }
}

/** Each figure on a chain of its own, so that none leans on what another left behind. */
async function fresh(scenario: (world: World) => Promise<number>): Promise<number> {
  const chain = await startChain()
  const scheme: Scheme = {
    scheme: chain.contracts.arbiterScheme,
    arbiter: developmentAccount(47).address,
    arbiterFee: TOKEN / 100n,
    machineVersion: 1,
    taskerShare: 7_000,
    winnerShare: 1_000,
  }
  const schemes = [scheme, { ...scheme, arbiter: developmentAccount(46).address }]
  const domain = documentDomain(chain.chainId, chain.contracts.leases)
  console.error(`${scenario.name} …`)
  // A matcher that has earned before: the parties are new or returning, it is neither.
  await chain.fund(matcherAccount, 1n)
  return scenario({ ...chain, leases: chain.contracts.leases, domain, scheme, schemes })
}

// ── the scenarios ───────────────────────────────────────────────────────────────────────────────────────────────

async function oneOffFirst(world: World): Promise<number> {
  const pair = await strangers(world, 1, 2)
  return (await openAndClose(world, pair, 0n)).gas
}

/** The second job between two parties that each had one: balances, nonces, the ask's fill are there already. */
async function oneOffReturning(world: World): Promise<number> {
  const pair = await strangers(world, 1, 2)
  await openAndClose(world, pair, 0n)
  return (await openAndClose(world, pair, 1n)).gas
}

async function oneOffClaim(world: World): Promise<number> {
  const pair = await strangers(world, 1, 2)
  await openAndClose(world, pair, 0n)
  const { gas, terms } = await open(world, await jobPair(world, pair, 1n))
  return gas + (await claimAndFinalise(world, pair.provider, terms, 1))
}

async function batch32(world: World): Promise<number> {
  const pairs: Pair[] = []
  for (let i = 0; i < 32; i++) pairs.push(await strangers(world, 4 + i, i % 4))
  // Once round, one by one: afterwards all are returning parties.
  for (const pair of pairs) await openAndClose(world, pair, 0n)

  const matches: Match[] = []
  const opened: Pair[] = []
  for (const pair of pairs) {
    const next = await jobPair(world, pair, 1n)
    opened.push(next)
    matches.push(await matchOf(world, next))
  }
  const opening = await world.send(openBatchCall({ leases: world.leases, matches }))
  const openedAt = await world.now()
  const closings: Closing[] = []
  for (const pair of opened) closings.push(await closingOf(world, pair, meet(world, pair, openedAt)))
  const closing = await world.send(closeBatchCall({ leases: world.leases, closings }))
  await mustBeClosed(
    world,
    closings.map(({ terms }) => terms),
  )
  return Math.ceil(Number(opening.gasUsed + closing.gasUsed) / 32)
}

async function leaseByVoucher(world: World): Promise<number> {
  const pair = await returningLeasePair(world)
  const { gas, terms } = await open(world, pair)
  const owed = amountOf(terms.price, 900n * GIGAFUEL)
  const signature = await signVoucher(pair.tasker, world.domain, { lease: leaseIdOf(terms), owed })
  const redeemed = await world.send(redeemCall({ leases: world.leases, terms, owed, signature }))
  const closing = await closingOf(world, pair, terms, owed)
  const closed = await world.send(closeCall({ leases: world.leases, closing }))
  await mustBeClosed(world, [terms])
  return (gas + Number(redeemed.gasUsed + closed.gasUsed)) / 1_000
}

async function leaseByClaim(world: World): Promise<number> {
  const pair = await returningLeasePair(world)
  const { gas, terms } = await open(world, pair)
  return (gas + (await claimAndFinalise(world, pair.provider, terms, 1_000))) / 1_000
}

// ── their steps ─────────────────────────────────────────────────────────────────────────────────────────────────

/** Two parties with money in escrow and orders that fit. */
async function strangers(world: World, tasker: number, provider: number): Promise<Pair> {
  const [t, p] = [developmentAccount(tasker), developmentAccount(provider + 40)]
  await world.fund(t, 10_000n * TOKEN)
  await world.fund(p, 10_000n * TOKEN)
  const now = await world.now()
  const ask: Ask = {
    account: p.address,
    key: p.address,
    token: world.contracts.token,
    price: TOKEN / 10n,
    jobFuel: GIGAFUEL / 100n,
    capacity: 1_000_000n * GIGAFUEL,
    minFuel: GIGAFUEL / 10n,
    maxFuel: 100n * GIGAFUEL,
    collateral: TOKEN / 2n,
    retainer: 0n,
    claimFee: TOKEN / 100n,
    lateFee: TOKEN / 100n,
    memoryPages: 16_384,
    maxLease: 7n * DAY,
    minGrace: 600n,
    maxWindow: DAY,
    maxDispute: DAY,
    schemes: schemesRoot(world.schemes),
    ...matcher,
    expiry: now + 30n * DAY,
    nonce: 0n,
  }
  const bid: Bid = {
    account: t.address,
    key: t.address,
    token: ask.token,
    maxPrice: TOKEN / 5n,
    maxJobFuel: GIGAFUEL,
    fuel: 2n * GIGAFUEL,
    minFuel: GIGAFUEL,
    maxFuel: GIGAFUEL,
    collateral: TOKEN / 2n,
    maxRetainer: TOKEN,
    maxClaimFee: TOKEN,
    minLateFee: 0n,
    memoryPages: 256,
    grace: 3_600n,
    window: 3_600n,
    disputeLimit: 3_600n,
    scheme: schemeLeaf(world.scheme),
    bond: TOKEN,
    end: now + DAY,
    attemptTime: 600n,
    store: matcher.feeTo,
    provider: zeroAddress,
    ...matcher,
    attempts: 3,
    job: zeroHash,
    expiry: now + DAY,
    nonce: 0n,
  }
  return { ask, bid, tasker: t, provider: p }
}

async function jobPair(world: World, pair: Pair, nth: bigint): Promise<Pair> {
  const job = jobOf(pair, (await world.now()) + DAY)
  return { ...pair, bid: { ...pair.bid, job: hashJob(job), nonce: nth * 4n } }
}

/** A lease of a thousand jobs, between two parties that had one job before. */
async function returningLeasePair(world: World): Promise<Pair> {
  const pair = await strangers(world, 1, 2)
  await openAndClose(world, pair, 0n)
  const fuel = 1_000n * GIGAFUEL
  return { ...pair, bid: { ...pair.bid, fuel, minFuel: fuel, nonce: 4n } }
}

function jobOf(pair: Pair, deadline: bigint) {
  const [programRoot, input] = [keccak256(pair.tasker.address), keccak256(pair.provider.address)]
  return { programRoot, input, fuel: GIGAFUEL, outputMax: 65_536, deadline }
}

async function open(world: World, pair: Pair): Promise<{ gas: number; terms: Terms }> {
  const receipt = await world.send(openCall({ leases: world.leases, match: await matchOf(world, pair) }))
  return { gas: Number(receipt.gasUsed), terms: meet(world, pair, await world.now()) }
}

async function openAndClose(world: World, pair: Pair, nth: bigint): Promise<{ gas: number }> {
  const next = await jobPair(world, pair, nth)
  const { gas, terms } = await open(world, next)
  const closing = await closingOf(world, next, terms)
  const closed = await world.send(closeCall({ leases: world.leases, closing }))
  await mustBeClosed(world, [terms])
  return { gas: gas + Number(closed.gasUsed) }
}

/** The provider claims `count` results for the silent tasker, and anyone finalises when the window is over. */
async function claimAndFinalise(
  world: World,
  provider: HDAccount,
  terms: Terms,
  count: number,
): Promise<number> {
  const lease = leaseIdOf(terms)
  const fuelUsed = GIGAFUEL / 2n
  const amount = amountOf(terms.price, fuelUsed, terms.jobFuel)
  const results = Array.from({ length: count }, (_, index) => {
    const input = numberToHex(index, { size: 32 })
    const job = { programRoot: lease, input, fuel: GIGAFUEL, outputMax: 1, deadline: terms.end }
    const ticket = ticketHash({ lease, index, job })
    return { index, amount, result: { ticket, status: 0, fuelUsed, output: keccak256(ticket) } }
  })
  const { root, sum } = claimTree(results)
  const leases = world.leases
  const claimed = await world.send(claimCall({ leases, terms, claim: { root, count, sum } }), provider)
  await world.pass(terms.window + 1n)
  const final = await world.send(finaliseCall({ leases, terms }))
  return Number(claimed.gasUsed + final.gasUsed)
}

async function matchOf(world: World, { ask, bid, tasker, provider }: Pair): Promise<Match> {
  return {
    ask,
    askSignature: await signAsk(provider, world.domain, ask),
    bid,
    bidSignature: await signBid(tasker, world.domain, bid),
    seq: 0n,
    fuel: bid.fuel,
    bidIsMaker: true,
    scheme: world.scheme,
    schemeProof: schemeProof(world.schemes, world.scheme),
    previous: [],
  }
}

function meet(world: World, { ask, bid }: Pair, openedAt: bigint): Terms {
  return termsOf(ask, bid, { seq: 0n, fuel: bid.fuel, bidIsMaker: true, openedAt }, world.domain)
}

async function closingOf(world: World, pair: Pair, terms: Terms, owed = amountOf(terms.price, GIGAFUEL)) {
  const close = { lease: leaseIdOf(terms), owed, until: terms.end }
  return {
    terms,
    owed,
    until: close.until,
    taskerSignature: await signClose(pair.tasker, world.domain, close),
    providerSignature: await signClose(pair.provider, world.domain, close),
  }
}

/** A batch skips what does not fit: a figure over skipped matches would be worth nothing. */
async function mustBeClosed(world: World, leases: Terms[]): Promise<void> {
  for (const terms of leases) {
    const { status } = await world.client.readContract({
      address: world.contracts.leases,
      abi: leasesAbi,
      functionName: 'leaseOf',
      args: [leaseIdOf(terms)],
    })
    if (LEASE_STATES[status] !== 'closed')
      throw new Error(`Lease ${leaseIdOf(terms)} is ${LEASE_STATES[status]}.`)
  }
}
