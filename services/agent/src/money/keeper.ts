/**
 * Looks after the money of every live lease: reads what the chain says, asks `decide`, does it, and looks again
 * when told to or when the time comes. Every step may run twice: the chain refuses what is done already.
 */
import { commit } from '@millrace/machine'
import type { Hex } from 'viem'
import { faultAt } from '../fault.ts'
import type { CloseTerms, Journal, LeaseRow } from '../journal/journal.ts'
import { oneAtATime } from '../oneAtATime.ts'
import type { MatcherPort } from '../ports.ts'
import { type AnswerDeps, answerDemands, receiptOf } from './answer.ts'
import { buildClaim, encodeLeaves } from './claim.ts'
import { claimBy, decide, isJobLease, type LeaseFacts, type MoneyPolicy, type Move } from './decide.ts'
import { isDeliverable } from './delivery.ts'

export interface KeeperDeps extends AnswerDeps {
  readonly policy: MoneyPolicy
  /** A lease is over: its warm processes can go. */
  readonly onOver: (lease: Hex) => void
}

/** What is still to come of a lease. */
export interface PendingLease {
  readonly lease: Hex
  /** Completes "it waits for …". */
  readonly waitsFor: string
  /** Unix seconds. */
  readonly until: bigint
  /** Base units that are earned and not paid yet. */
  readonly unpaid: bigint
}

export interface Keeper {
  /** Something happened to a lease: the next pass looks at it. */
  poke(lease: Hex): void
  /** The same, at once: somebody waits. */
  hurry(lease: Hex): void
  /** Looks at every lease whose time has come. */
  pass(): Promise<void>
  /** Looks at every lease now, and redeems what is vouched for: the agent goes away. */
  settle(): Promise<void>
  pending(): PendingLease[]
}

/** How long a lease is left alone after a step failed. Seconds. */
const RETRY = 15n

/**
 * How long a lease that has ended is watched and its bytes are kept: a reorganisation may take the end back, and whoever
 * brought that about could contest what nobody could defend any more. Seconds; 64 blocks of Ethereum are 13 minutes.
 */
const REST = 900n

/** Steps of one look: more than any lease needs, so that a node that shows old facts cannot make it spin. */
const STEPS = 6

export function createKeeper(deps: KeeperDeps): Keeper {
  const { journal, chain, log } = deps
  const waits = new Map<Hex, PendingLease>()
  const poked = new Set<Hex>()
  /** Ends that were signed and told by this process; signing again after a restart does no harm. */
  const signed = new Map<Hex, CloseTerms>()
  /** Since when leases rest, as far as this process knows. */
  const resting = new Map<Hex, bigint>()
  let { policy } = deps

  const look = async ({ id }: LeaseRow): Promise<void> => {
    for (let steps = 0; steps < STEPS; steps++) {
      const row = journal.lease(id)!
      const now = await chain.now()
      const facts = await factsOf(row, signed.get(id), deps)
      if (facts.openDemands > 0) await answerDemands(row, now, deps)
      const move = decide(facts, policy, now)
      if (move.do === 'wait') {
        const unpaid = facts.results > 0 ? facts.terms.retainer + facts.earned - facts.paid : 0n
        waits.set(id, { lease: id, waitsFor: move.why, until: move.until, unpaid })
        return
      }
      log.info({ lease: id, move: move.do, why: move.why }, 'moving a lease on')
      if (move.do === 'forget') {
        journal.restLease(id)
        resting.set(id, now)
        waits.delete(id)
        signed.delete(id)
        deps.onOver(id)
        return
      }
      if (move.do === 'sign-close') {
        if (await signClose(row, facts, move, deps)) signed.set(id, { owed: move.owed, until: move.until })
      } else await send(row, move, deps)
    }
    throw new Error(`Lease ${id} does not change on chain.`)
  }

  /** Whether the end of a lease still stands: it is forgotten if that was long ago, and taken up again if not. */
  const lookAtRest = async ({ id }: LeaseRow, now: bigint): Promise<void> => {
    const since = resting.get(id) ?? now
    resting.set(id, since)
    const isDone = now >= since + REST
    if (!poked.delete(id) && !isDone) return
    const facts = await factsOf(journal.lease(id)!, undefined, deps)
    const isOver = decide(facts, policy, now).do === 'forget'
    if (isOver && !isDone) return
    resting.delete(id)
    if (isOver) return journal.endLease(id)
    log.warn({ lease: id }, 'the chain took the end of a lease back')
    journal.wakeLease(id)
    poked.add(id)
  }

  const pass = oneAtATime(async () => {
    const now = await chain.now()
    for (const lease of journal.restingLeases()) {
      await lookAtRest(lease, now).catch((error: unknown) => {
        log.warn({ lease: lease.id, err: error }, 'could not look at a lease that ended')
      })
    }
    for (const lease of journal.liveLeases()) {
      const wait = waits.get(lease.id)
      if (!poked.delete(lease.id) && wait && wait.until > now) continue
      try {
        await look(lease)
      } catch (error) {
        log.warn({ lease: lease.id, err: error }, 'a lease could not be moved on; trying again')
        const unpaid = wait?.unpaid ?? 0n
        waits.set(lease.id, { lease: lease.id, waitsFor: 'another try', until: now + RETRY, unpaid })
      }
    }
  })

  return {
    poke: (lease) => void poked.add(lease),
    hurry: (lease) => {
      poked.add(lease)
      pass().catch((error: unknown) => log.warn({ lease, err: error }, 'could not look at a lease'))
    },
    pass,
    settle: () => {
      policy = { ...policy, redeemAbove: policy.dust + 1n }
      waits.clear()
      return pass()
    },
    pending: () => [...waits.values()],
  }
}

async function factsOf(
  row: LeaseRow,
  signed: CloseTerms | undefined,
  { chain, journal }: KeeperDeps,
): Promise<LeaseFacts> {
  const { terms } = row
  const onChain = await chain.lease(row.id, terms)
  const { earned, results, running, declined } = journal.tally(row.id)
  const single = isJobLease(terms)
  // In a job lease the end went out with the result.
  const withResult =
    single && results > 0 ? { owed: terms.retainer + earned, until: claimBy(terms, 0n) } : undefined
  return {
    ...onChain,
    terms,
    owed: row.owed,
    earned,
    results,
    running,
    cannotServe: single && declined > 0 && results === 0,
    offer: row.offer,
    signed: signed ?? withResult,
  }
}

/** Signs an end and tells it. False where a ticket came meanwhile: then less would be owed than is run. */
async function signClose(
  { id }: LeaseRow,
  facts: LeaseFacts,
  { owed, until }: CloseTerms,
  { journal, matcher }: KeeperDeps,
): Promise<boolean> {
  const tally = journal.tally(id)
  if (tally.running > 0 || tally.results !== facts.results) return false
  journal.setClosing(id)
  await matcher.postClose({ lease: id, owed, until })
  return true
}

/** Sends the transaction of a move. */
async function send(
  row: LeaseRow,
  move: Extract<Move, { do: 'redeem' | 'claim' | 'decline' | 'finalise' }>,
  deps: KeeperDeps,
): Promise<void> {
  const { journal, chain } = deps
  const { terms, id } = row
  switch (move.do) {
    case 'redeem':
      await chain.redeem(terms, row.owed, row.voucher!)
      return
    case 'decline':
      await chain.decline(terms, journal.declineReason(id) ?? 'cannot-serve')
      return
    case 'finalise':
      await chain.finalise(terms)
      return
    case 'claim':
      await claim(row, deps)
  }
}

async function claim(lease: LeaseRow, { journal, chain, matcher, log }: KeeperDeps): Promise<void> {
  const { id, terms } = lease
  const claimable = await claimableIndexes(lease, journal, matcher)
  const left = journal.results(id).length - claimable.length
  if (left > 0) log.warn({ lease: id, left }, 'results whose delivery cannot be shown are not claimed')
  if (claimable.length === 0) return
  const { claim, results } = buildClaim(journal, id, claimable)
  // On disk before it is on the chain: a demand must find the same tree.
  journal.setClaim(
    id,
    results.map((each) => each.index),
  )
  const leaves = encodeLeaves(results)
  await matcher.putData(commit(leaves), leaves).catch((error: unknown) => {
    log.warn({ lease: id, err: error }, 'the claim’s leaves could not be published')
  })
  const tx = await chain.claim(terms, claim)
  faultAt('claimed')
  log.info({ lease: id, sum: claim.sum.toString(), results: results.length, tx }, 'claimed')
}

/** A leaf is claimed only if a demand for it could be answered. */
async function claimableIndexes(
  { id, terms }: LeaseRow,
  journal: Journal,
  matcher: MatcherPort,
): Promise<number[]> {
  const indexes: number[] = []
  for (const { index, result } of journal.results(id)) {
    const size = journal.output(result.output)?.length ?? Number.POSITIVE_INFINITY
    const receipt = isDeliverable(size, terms.store, undefined)
      ? undefined
      : await receiptOf(result.ticket, journal, matcher)
    if (isDeliverable(size, terms.store, receipt)) indexes.push(index)
  }
  return indexes
}
