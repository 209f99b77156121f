// The market on a chain of its own, its parties and their papers, with nothing but ethers.
import { commit } from '@millrace/machine'
import {
  AbiCoder,
  type BaseContract,
  type BaseWallet,
  type ContractTransactionReceipt,
  getCreateAddress,
  id,
  keccak256,
  TypedDataEncoder,
  Wallet,
  ZeroAddress,
  ZeroHash,
} from 'ethers'
import { network } from 'hardhat'
import { type DocumentName, TYPES } from './types.ts'

export const GIGAFUEL = 10n ** 9n
export const ETHER = 10n ** 18n
export const FUNDS = 1_000n * ETHER
export const HOUR = 3_600n
export const DAY = 24n * HOUR

/** A struct as ethers takes it. */
// biome-ignore lint/suspicious/noExplicitAny: ethers checks each value against the ABI
export type Struct = Record<string, any>

/** One lease as a test holds it. */
export interface Deal {
  terms: Struct
  id: string
  receipt: ContractTransactionReceipt
}

export type Market = Awaited<ReturnType<typeof deployMarket>>

/** Deploys everything on a fresh chain and funds tasker, provider and challenger. */
export async function deployMarket() {
  const { ethers, networkHelpers, provider: rpc } = await network.create()
  const signers = await ethers.getSigners()
  const [deployer, tasker, provider, challenger, arbiter, matcher, stranger] = signers as Required7<
    (typeof signers)[number]
  >
  // Plain keys, derived from what they are: nobody keeps money under them.
  const [taskerKey, providerKey, store] = ['tasker', 'provider', 'store'].map(
    (name) => new Wallet(id(`${name}'s key in tests`)),
  ) as [Wallet, Wallet, Wallet]

  const nonce = await deployer.getNonce()
  const at = (place: number) => getCreateAddress({ from: deployer.address, nonce: nonce + place })
  const escrow = await ethers.deployContract('Escrow', [at(1)])
  const leases = await ethers.deployContract('Leases', [at(0), at(2), at(3)])
  const disputes = await ethers.deployContract('Disputes', [at(1)])
  const demands = await ethers.deployContract('Demands', [at(1)])
  const arbiters = await ethers.deployContract('ArbiterScheme')
  const token = await ethers.deployContract('TestToken', ['Test', 'TEST', 18])
  const contracts = { escrow, leases, disputes, demands, arbiters, token }
  const addresses = Object.fromEntries(
    await Promise.all(Object.entries(contracts).map(async ([name, each]) => [name, await each.getAddress()])),
  ) as Record<keyof typeof contracts, string>

  const { chainId } = await ethers.provider.getNetwork()
  const domain = { name: 'Millrace', version: '1', chainId, verifyingContract: addresses.leases }
  let nonces = 0n

  /** Sends a call and waits for it. */
  async function send(contract: BaseContract, method: string, args: unknown[], from: Sender = deployer) {
    const sent = await contract
      .connect(from)
      .getFunction(method)
      .send(...args)
    return (await sent.wait())!
  }

  async function fund(account: { address: string }, amount = FUNDS) {
    await send(token, 'mint', [deployer.address, amount])
    await send(token, 'approve', [addresses.escrow, amount])
    await send(escrow, 'deposit', [addresses.token, amount, account.address])
  }

  /** An EIP-712 signature by ethers. */
  const sign = (by: Pick<BaseWallet, 'signTypedData'>, name: DocumentName, document: Struct) =>
    by.signTypedData(domain, TYPES[name], document)
  const hash = (name: DocumentName, document: Struct) => TypedDataEncoder.from(TYPES[name]).hash(document)
  const digest = (name: DocumentName, document: Struct) =>
    TypedDataEncoder.hash(domain, TYPES[name], document)
  const now = async () => BigInt(await networkHelpers.time.latest())

  const scheme: Struct = {
    scheme: addresses.arbiters,
    arbiter: arbiter.address,
    arbiterFee: ETHER / 25n + 1n,
    machineVersion: 1n,
    taskerShare: 7_000n,
    winnerShare: 1_000n,
  }

  async function askOf(changes: Struct = {}): Promise<Struct> {
    return {
      account: provider.address,
      key: providerKey.address,
      token: addresses.token,
      price: ETHER / 2n + 7n,
      jobFuel: 1_000_003n,
      capacity: 100n * GIGAFUEL,
      minFuel: GIGAFUEL,
      maxFuel: 10n * GIGAFUEL,
      collateral: 2n * ETHER + 11n,
      retainer: ETHER / 100n + 1n,
      claimFee: ETHER / 50n + 1n,
      lateFee: ETHER / 33n + 1n,
      memoryPages: 1024n,
      maxLease: 30n * DAY,
      minGrace: HOUR,
      maxWindow: 7n * DAY,
      maxDispute: 14n * DAY,
      // A tree of one leaf: the root is the leaf.
      schemes: schemeLeaf(scheme),
      feeTo: matcher.address,
      makerFee: 10n,
      takerFee: 30n,
      expiry: (await now()) + 30n * DAY,
      nonce: nonces++,
      ...changes,
    }
  }

  async function bidOf(changes: Struct = {}): Promise<Struct> {
    return {
      account: tasker.address,
      key: taskerKey.address,
      token: addresses.token,
      maxPrice: ETHER,
      maxJobFuel: 2_000_000n,
      fuel: 20n * GIGAFUEL + 13n,
      minFuel: 2n * GIGAFUEL,
      maxFuel: 5n * GIGAFUEL,
      collateral: ETHER,
      maxRetainer: ETHER,
      maxClaimFee: ETHER,
      minLateFee: 0n,
      memoryPages: 512n,
      grace: 2n * HOUR,
      window: DAY,
      disputeLimit: 3n * DAY,
      scheme: schemeLeaf(scheme),
      bond: ETHER / 20n + 3n,
      end: (await now()) + DAY,
      attemptTime: 0n,
      store: store.address,
      provider: ZeroAddress,
      feeTo: matcher.address,
      makerFee: 20n,
      takerFee: 50n,
      attempts: 1n,
      job: ZeroHash,
      expiry: (await now()) + DAY,
      nonce: nonces++,
      ...changes,
    }
  }

  async function jobOf(): Promise<Struct> {
    return {
      programRoot: id('program'),
      input: id('input'),
      fuel: 2n * GIGAFUEL,
      outputMax: 4096n,
      deadline: (await now()) + HOUR,
    }
  }

  /** A bid that carries this job, for three attempts of an hour. */
  async function jobBidOf(job: Struct): Promise<Struct> {
    const bid = await bidOf({
      job: hash('Job', job),
      fuel: 2n * GIGAFUEL + 2_000_000n,
      minFuel: 0n,
      grace: 0n,
      attempts: 3n,
      attemptTime: HOUR,
    })
    nonces += 3n
    return bid
  }

  async function pairOf(ask: Struct, bid: Struct, changes: Struct = {}): Promise<Struct> {
    return {
      ask,
      askSignature: await sign(provider, 'Ask', ask),
      bid,
      bidSignature: await sign(tasker, 'Bid', bid),
      seq: 0n,
      fuel: bid.fuel,
      bidIsMaker: false,
      scheme,
      schemeProof: [],
      previous: [],
      ...changes,
    }
  }

  /** What the lease of this match is, if it opens at this time. */
  function termsOf(pair: Struct, openedAt: bigint): Struct {
    const { ask, bid } = pair
    const attemptEnd = openedAt + bid.attemptTime
    const isJob = bid.job !== ZeroHash
    return {
      ask: digest('Ask', ask),
      bid: digest('Bid', bid),
      seq: pair.seq,
      tasker: bid.account,
      taskerKey: bid.key,
      provider: ask.account,
      providerKey: ask.key,
      token: ask.token,
      price: ask.price,
      jobFuel: ask.jobFuel,
      fuel: pair.fuel,
      maxFuel: bid.maxFuel,
      collateral: ceil(BigInt(ask.collateral) * BigInt(pair.fuel), GIGAFUEL),
      retainer: ask.retainer,
      claimFee: ask.claimFee,
      lateFee: ask.lateFee,
      bond: bid.bond,
      openedAt,
      end: isJob && bid.attemptTime > 0n && attemptEnd < bid.end ? attemptEnd : bid.end,
      grace: isJob ? 0n : bid.grace,
      window: bid.window,
      disputeLimit: bid.disputeLimit,
      scheme: bid.scheme,
      store: bid.store,
      job: bid.job,
      taskerFeeTo: bid.feeTo,
      taskerFee: pair.bidIsMaker ? bid.makerFee : bid.takerFee,
      providerFeeTo: ask.feeTo,
      providerFee: pair.bidIsMaker ? ask.takerFee : ask.makerFee,
    }
  }

  async function open(pair: Struct): Promise<Deal> {
    const receipt = await send(leases, 'open', [pair], stranger)
    const terms = termsOf(pair, await now())
    return { terms, id: hash('Terms', terms), receipt }
  }

  async function openLease(): Promise<Deal> {
    return open(await pairOf(await askOf(), await bidOf()))
  }

  async function ticketOf(deal: Deal, index: bigint, job?: Struct): Promise<Struct> {
    return { lease: deal.id, index, job: job ?? (await jobOf()) }
  }

  /** Ticket and result with what both keys sign. */
  async function evidenceOf(ticket: Struct, fuelUsed: bigint, output = new Uint8Array()): Promise<Struct> {
    const result = { ticket: hash('Ticket', ticket), status: 0n, fuelUsed, output: commit(output) }
    return {
      ticket,
      ticketSignature: await sign(taskerKey, 'Ticket', ticket),
      result,
      resultSignature: await sign(providerKey, 'Result', result),
    }
  }

  async function closingOf(deal: Deal, owed: bigint): Promise<Struct> {
    const until = (await now()) + HOUR
    const close = { lease: deal.id, owed, until }
    return {
      terms: deal.terms,
      owed,
      until,
      taskerSignature: await sign(taskerKey, 'Close', close),
      providerSignature: await sign(providerKey, 'Close', close),
    }
  }

  async function freeOf(account: { address: string }): Promise<bigint> {
    const [free] = await escrow.getFunction('balanceOf').staticCall(account.address, addresses.token)
    return free
  }

  async function lockedOf(account: { address: string }): Promise<bigint> {
    const [, locked] = await escrow.getFunction('balanceOf').staticCall(account.address, addresses.token)
    return locked
  }

  async function leaseOf(deal: Deal): Promise<Struct> {
    return leases.getFunction('leaseOf').staticCall(deal.id)
  }

  for (const account of [tasker, provider, challenger]) await fund(account)

  return {
    ...contracts,
    addresses,
    ethers,
    rpc,
    time: networkHelpers.time,
    domain,
    scheme,
    deployer,
    tasker,
    provider,
    challenger,
    arbiter,
    matcher,
    stranger,
    taskerKey,
    providerKey,
    store,
    send,
    fund,
    sign,
    hash,
    digest,
    now,
    askOf,
    bidOf,
    jobOf,
    jobBidOf,
    pairOf,
    termsOf,
    open,
    openLease,
    ticketOf,
    evidenceOf,
    closingOf,
    freeOf,
    lockedOf,
    leaseOf,
  }
}

type Required7<T> = [T, T, T, T, T, T, T]
type Sender = Parameters<BaseContract['connect']>[0]

/** OpenZeppelin's standard leaf. */
export function schemeLeaf(scheme: Struct): string {
  return keccak256(
    keccak256(encode(['address', 'address', 'uint96', 'uint32', 'uint16', 'uint16'], Object.values(scheme))),
  )
}

export function ceil(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor
}

/** The fee on all that was paid. */
export function feeOf(amount: bigint, rate: bigint): bigint {
  return (amount * rate) / 10_000n
}

/** What one job earns. */
export function earned(terms: Struct, fuelUsed: bigint): bigint {
  return (BigInt(terms.price) * (fuelUsed + BigInt(terms.jobFuel))) / GIGAFUEL
}

/** A claim with a single result: the root is its leaf. */
export function claimOfOne(result: string, amount: bigint): Struct {
  const root = keccak256(
    encode(['bytes32', 'bytes32', 'uint256'], [id('millrace.claim.leaf.v1'), result, amount]),
  )
  return { root, count: 1n, sum: amount }
}

export function encode(types: string[], values: unknown[]): string {
  return AbiCoder.defaultAbiCoder().encode(types, values)
}
