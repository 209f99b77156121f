import type { Address, Hex } from 'viem'
import { escrowAbi } from '../abi/index.gen.ts'
import { type LeaseState, leasesPageSchema } from '../api/lease.ts'
import { getChain } from '../client/chain.ts'
import { accountOf, type MillraceClient } from '../client/client.ts'
import { lockedOf } from '../documents/lock.ts'
import { MillraceError } from '../errors/error.ts'
import { requestJson } from '../http/request.ts'

export interface Lock {
  lease: Hex
  amount: bigint
  /** What it is for. */
  why: 'payment' | 'collateral'
  state: LeaseState
  /** Unix seconds: when it is free at the latest, if nobody disputes. */
  until: bigint
}

export interface Funds {
  account: Address
  token: Address
  free: bigint
  locked: bigint
  /** The leases behind what is locked. Undefined where the matcher, which knows them, is away. */
  locks?: Lock[]
}

const LIVE: readonly LeaseState[] = ['open', 'stopped', 'claimed', 'declined', 'unclaimed']

/** What an account has in the escrow, as the chain says. */
export async function getBalance(
  client: MillraceClient,
  { token, account }: { token: Address; account?: Address },
): Promise<{ free: bigint; locked: bigint }> {
  const owner = account ?? accountOf(client, 'getBalance').address
  const { publicClient, contracts } = await getChain(client)
  const [free, locked] = await publicClient.readContract({
    address: contracts.escrow,
    abi: escrowAbi,
    functionName: 'balanceOf',
    args: [owner, token],
  })
  return { free, locked }
}

/** The same with the reason and the date of every lock. */
export async function getFunds(
  client: MillraceClient,
  { token, account }: { token: Address; account?: Address },
): Promise<Funds> {
  const owner = (account ?? accountOf(client, 'getFunds').address).toLowerCase() as Address
  const [balance, locks] = await Promise.all([
    getBalance(client, { token, account: owner }),
    locksOf(client, owner, token),
  ])
  return { account: owner, token, ...balance, locks }
}

async function locksOf(
  client: MillraceClient,
  account: Address,
  token: Address,
): Promise<Lock[] | undefined> {
  try {
    const { leases } = await requestJson(client, `/v1/leases?account=${account}`, leasesPageSchema, {
      tries: 1,
    })
    return leases
      .filter(({ state, terms }) => LIVE.includes(state) && terms.token === token.toLowerCase())
      .flatMap((lease): Lock[] => {
        const { tasker, collateral } = lockedOf(lease)
        const common = { lease: lease.id, state: lease.state, until: lease.deadlines.over }
        const locks: Lock[] = []
        if (lease.terms.tasker === account) locks.push({ ...common, why: 'payment', amount: tasker })
        if (lease.terms.provider === account) locks.push({ ...common, why: 'collateral', amount: collateral })
        return locks.filter(({ amount }) => amount > 0n)
      })
  } catch (error) {
    if (error instanceof MillraceError) return undefined
    throw error
  }
}
