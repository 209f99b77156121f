/** Whether to challenge a wrong result, and when: a pure function of the lease, the money and the time. */
import { type LeaseStatus, leastDispute, type Scheme, shareSlash, type Terms } from '@millrace/sdk'
import { type Address, zeroAddress } from 'viem'
import type { RunSize } from './journal/journal.ts'

export interface Facts {
  readonly account: Address
  readonly terms: Terms
  readonly scheme: Scheme
  /** Of the lease, on chain. */
  readonly status: LeaseStatus
  /** Cases open in the lease: each makes the next bond larger. */
  readonly disputes: number
  /** One of them is this watcher's. */
  readonly isPlaying: boolean
  /** Unix seconds: from then on nothing can be challenged. */
  readonly over: bigint
  readonly now: bigint
  /** Base units of the lease's token that are free. */
  readonly free: bigint
  /** The scheme settles by proof. */
  readonly isProvable: boolean
  /** Challenges where an arbiter judges, too. */
  readonly arbiters: boolean
  /** Version of the machine that runs here. */
  readonly machineVersion: number
  readonly size: RunSize
  /** What the gas of a whole game costs, base units; undefined where nobody said what gas is worth. */
  readonly cost: bigint | undefined
}

export type Choice =
  | { readonly do: 'challenge'; readonly bond: bigint; readonly reward: bigint }
  /** Something may change before the window ends. */
  | { readonly do: 'wait'; readonly why: 'bond' | 'another-case'; readonly missing?: bigint }
  | { readonly do: 'drop'; readonly why: string }

/** Seconds that a challenge may take to be mined. */
const MARGIN = 30n

/** Of the window, one part in so many is left when somebody else's open case is no longer waited for. */
const LAST_PART = 4n

/** Statuses in which results can be contested. */
const LIVE: readonly LeaseStatus[] = ['open', 'stopped', 'claimed', 'declined', 'unclaimed']

/** Why no result of a lease is ever challenged here, so that it need not be run again; or nothing. */
export function neverContested({
  scheme,
  isProvable,
  arbiters,
  machineVersion,
}: Pick<Facts, 'scheme' | 'isProvable' | 'arbiters' | 'machineVersion'>): string | undefined {
  if (!isProvable && !arbiters) {
    return scheme.arbiter === zeroAddress ? 'its scheme is not known here' : 'an arbiter judges it'
  }
  if (isProvable && scheme.arbiter !== zeroAddress) return 'it pays an arbiter, though nobody rules'
  if (scheme.machineVersion !== machineVersion) {
    return `it wants machine version ${scheme.machineVersion}; this is ${machineVersion}`
  }
  return undefined
}

export function weigh(facts: Facts): Choice {
  const { terms, status, disputes, over, now, free, cost, size } = facts
  const never = neverContested(facts)
  if (never) return drop(never)
  if (!LIVE.includes(status)) return drop(`its lease is ${status === 'none' ? 'not on chain' : status}`)
  if (now + MARGIN >= over) return drop(`its window ended at ${over}`)

  // The contracts let two parties sign a clock in which nobody can play.
  const least = facts.isProvable ? leastDispute(size.fuel, size.memoryPages) : 0n
  if (terms.disputeLimit < least) {
    return drop(`its game would need ${least} s, and its lease gives ${terms.disputeLimit}`)
  }
  const reward = rewardOf(facts)
  if (cost !== undefined && reward <= cost)
    return drop(`its reward of ${reward} does not pay the gas, ${cost}`)
  if (reward === 0n) return drop('its scheme pays a challenger nothing')

  // One verdict ends the lease: a second bond would bring nothing.
  if (facts.isPlaying) return { do: 'wait', why: 'another-case' }
  // Whoever was first may win it. If it meant to lose, there is time for one more.
  if (disputes > 0 && now + terms.window / LAST_PART < over) return { do: 'wait', why: 'another-case' }

  const bond = terms.bond * BigInt(1 + disputes)
  if (free < bond) return { do: 'wait', why: 'bond', missing: bond - free }
  return { do: 'challenge', bond, reward }
}

/** What a won case pays, the bond apart. */
function rewardOf({ account, terms, scheme }: Facts): bigint {
  const { toWinner, toTasker } = shareSlash(terms.collateral, scheme)
  return toWinner + (account.toLowerCase() === terms.tasker.toLowerCase() ? toTasker : 0n)
}

function drop(why: string): Choice {
  return { do: 'drop', why }
}
