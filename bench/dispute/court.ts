// A market on a chain in this process, and whole disputes in it: from a lease's opening to the case's settling.
import {
  type Ask,
  type Bid,
  type Computation,
  challengeCall,
  computationHash,
  type Dispute,
  decide,
  defendGameCall,
  documentDomain,
  foldGame,
  type GameAction,
  type GameView,
  gameOf,
  hashJob,
  hashResult,
  leaseIdOf,
  type Match,
  openCall,
  proveStepCall,
  rootOf,
  type Scheme,
  type Side,
  schemeLeaf,
  settleDisputeCall,
  signAsk,
  signBid,
  signResult,
  splitGameCall,
  type Tracer,
  termsOf,
  ticketHash,
  timeoutGameCall,
} from '@millrace/sdk'
import { disputesAbi, leasesAbi, machineAbi, proofSchemeAbi } from '@millrace/sdk/abi'
import { type Address, type Hex, parseEventLogs, type TransactionReceipt, zeroAddress } from 'viem'
import { developmentAccount } from '../../scripts/stack/development-accounts.ts'
import type { Chain } from '../chain.ts'

const TOKEN = 10n ** 18n
const DAY = 86_400n
const [tasker, provider, challenger] = [1, 2, 3].map(developmentAccount)
const account = { provider: provider!, challenger: challenger! }

/** A transaction of a dispute. */
export interface Sent {
  readonly by: Side
  readonly kind: 'challenge' | 'defend' | 'split' | 'prove' | 'timeout' | 'settle'
  readonly gas: number
}

export interface Played {
  readonly sent: readonly Sent[]
  readonly loser: Side
  readonly proven: boolean
  /** What a forfeited bond paid the provider, in base units. */
  readonly toProvider: bigint
  /** Level of the defence: so many moves both sides make at most. */
  readonly level: number
}

export interface Parties {
  /** What the provider's result says, whoever is right. */
  readonly contested: Computation
  readonly bond: bigint
  readonly provider: Pick<Tracer, 'statesAt' | 'ending' | 'proveAt'>
  /** Without one, it opens the case and is silent. */
  readonly challenger?: Pick<Tracer, 'statesAt' | 'ending' | 'proveAt'>
}

export async function openCourt(chain: Chain, proofScheme: Address = chain.contracts.proofScheme) {
  const { contracts, client, send } = chain
  const { leases, disputes } = contracts
  const domain = documentDomain(chain.chainId, leases)
  for (const one of [tasker!, ...Object.values(account)]) await chain.fund(one, 1_000n * TOKEN)
  const machineVersion = await client.readContract({
    ...{ address: contracts.machine, abi: machineAbi, functionName: 'VERSION' },
  })
  let nonce = 0n

  /** A lease of one job with these terms, and the provider's signed result of it. */
  async function sign({ contested, bond }: Parties) {
    const now = await chain.now()
    const scheme: Scheme = {
      scheme: proofScheme,
      arbiter: zeroAddress,
      arbiterFee: bond,
      machineVersion: Number(machineVersion),
      taskerShare: 7_000,
      winnerShare: 1_000,
    }
    const { programRoot, input, fuel, outputMax, status, fuelUsed, output } = contested
    const job = { programRoot, input, fuel, outputMax, deadline: now + DAY }
    const fees = { feeTo: zeroAddress, makerFee: 0, takerFee: 0 }
    const ask: Ask = {
      ...{ account: account.provider.address, key: account.provider.address, token: contracts.token },
      ...{ price: 10n ** 9n, jobFuel: 0n, capacity: 2n * fuel, minFuel: 1n, maxFuel: fuel },
      ...{ collateral: 10n ** 10n, retainer: 0n, claimFee: 0n, lateFee: 0n, memoryPages: 16_384 },
      ...{ maxLease: 7n * DAY, minGrace: 600n, maxWindow: DAY, maxDispute: DAY, schemes: schemeLeaf(scheme) },
      ...{ ...fees, expiry: now + DAY, nonce },
    }
    const bid: Bid = {
      ...{ account: tasker!.address, key: tasker!.address, token: contracts.token },
      ...{ maxPrice: ask.price, maxJobFuel: 0n, fuel, minFuel: fuel, maxFuel: fuel, collateral: 1n },
      ...{ maxRetainer: 0n, maxClaimFee: 0n, minLateFee: 0n, memoryPages: 16_384, grace: 0n },
      ...{ window: DAY, disputeLimit: DAY, scheme: schemeLeaf(scheme), bond, end: now + DAY },
      ...{ attemptTime: 0n, store: contracts.token, provider: zeroAddress, ...fees, attempts: 1 },
      ...{ job: hashJob(job), expiry: now + DAY, nonce },
    }
    nonce += 4n
    const match: Match = {
      ...{ ask, askSignature: await signAsk(account.provider, domain, ask) },
      ...{ bid, bidSignature: await signBid(tasker!, domain, bid) },
      ...{ seq: 0n, fuel, bidIsMaker: true, scheme, schemeProof: [], previous: [] },
    }
    await send(openCall({ leases, match }))
    const openedAt = await chain.now()
    const terms = termsOf(ask, bid, { seq: 0n, fuel, bidIsMaker: true, openedAt }, domain)
    const ticket = { lease: leaseIdOf(terms), index: 0, job }
    const result = { ticket: ticketHash(ticket), status, fuelUsed, output }
    const resultSignature = await signResult(account.provider, domain, result)
    return { terms, scheme, evidence: { ticket, ticketSignature: '0x' as Hex, result, resultSignature } }
  }

  /** Plays a dispute to its end. Every transaction is mined by itself; whoever has no move loses by its clock. */
  async function play(parties: Parties): Promise<Played> {
    const { terms, scheme, evidence } = await sign(parties)
    const sent: Sent[] = []
    const make = async (by: Side, kind: Sent['kind'], call: { to: Address; data: Hex }) => {
      const receipt = await send(call, account[by])
      sent.push({ by, kind, gas: Number(receipt.gasUsed) })
      console.error(`  ${by}: ${kind}, ${receipt.gasUsed} gas`)
      return receipt
    }
    const opening = await make(
      'challenger',
      'challenge',
      challengeCall({ disputes, terms, scheme, evidence }),
    )
    const opened = parseEventLogs({ abi: disputesAbi, logs: opening.logs, eventName: 'DisputeOpened' })[0]!
      .args
    const { caseId } = opened
    const dispute: Dispute = {
      ...{ lease: opened.lease, index: opened.index, result: hashResult(evidence.result) },
      ...{ challenger: opened.challenger, bond: opened.bond, amount: opened.amount },
      openedAt: await chain.now(),
    }
    let view = viewAfter(opening)!
    let level = 0
    while (view.state !== 'ended') {
      const { side, action } = await next(view, parties)
      const game = { proofScheme, game: gameOf(view) }
      const ofCase = { receiver: disputes, caseId }
      if (action.do === 'defend') {
        view = viewAfter(await make(side, 'defend', defendGameCall({ ...game, ...action })), view)!
        level = view.level + 1
      } else if (action.do === 'split') {
        view = viewAfter(await make(side, 'split', splitGameCall({ ...game, ...action })), view)!
      } else if (action.do === 'prove') {
        view = viewAfter(await make(side, 'prove', proveStepCall({ ...game, ...ofCase, ...action })), view)!
      } else {
        await chain.pass(view.deadline - (await chain.now()))
        const contested = view.start
          ? rootOf({ start: view.start, ends: view.ends! })
          : computationHash(view.contested)
        view = viewAfter(
          await make(side, 'timeout', timeoutGameCall({ ...game, ...ofCase, contested })),
          view,
        )!
      }
    }
    const winner = view.loser === 'provider' ? 'challenger' : 'provider'
    const settled = await make(winner, 'settle', settleDisputeCall({ disputes, terms, scheme, dispute }))
    const forfeited = parseEventLogs({ abi: leasesAbi, logs: settled.logs, eventName: 'BondForfeited' })[0]
    return {
      ...{ sent, level, loser: view.loser!, proven: view.proven! },
      toProvider: forfeited?.args.toProvider ?? 0n,
    }
  }

  /** What happens next: a move of whose turn it is, or, where it makes none, its time called by the other. */
  async function next(view: GameView, parties: Parties): Promise<{ side: Side; action: GameAction }> {
    const side = view.turn
    const tracer = parties[side]
    const other = side === 'provider' ? 'challenger' : 'provider'
    const action = tracer && (await decide(view, side, tracer as Tracer, await chain.now()))
    return !action || action.do === 'wait' ? { side: other, action: { do: 'timeout' } } : { side, action }
  }

  function viewAfter({ logs, transactionHash, blockNumber }: TransactionReceipt, view?: GameView) {
    const events = parseEventLogs({ abi: proofSchemeAbi, logs })
    return foldGame(
      events.map(({ eventName, args }) => ({ eventName, args, transactionHash, blockNumber })),
      view,
    )
  }

  return { play }
}
