import { formatAmount, type Token } from '@millrace/sdk'
import { escrowAbi } from '@millrace/sdk/abi'
import { type Address, createPublicClient, http } from 'viem'
import { stackChain } from '../stack/deployContracts.ts'
import type { Stack } from '../stack/startStack.ts'

/** Base units in the escrow. */
export interface Balance {
  readonly free: bigint
  readonly locked: bigint
}

/** What everybody of the tour has, and what was burned so far. */
export interface Balances {
  readonly tasker: Balance
  readonly provider: Balance
  readonly arbiter: Balance
  readonly watcher: Balance
  /** The matcher's fees. */
  readonly treasury: Balance
  readonly burned: bigint
}

/** Reads them from the chain, of one block. */
export async function readBalances(stack: Stack, provider: Address): Promise<Balances> {
  const { accounts, deployment, urls } = stack
  const client = createPublicClient({ chain: stackChain(urls.rpc), transport: http(urls.rpc) })
  const blockNumber = await client.getBlockNumber({ cacheTime: 0 })
  const escrow = { address: deployment.escrow, abi: escrowAbi, blockNumber } as const
  const of = async (account: Address): Promise<Balance> => {
    const args = [account, deployment.token] as const
    const [free, locked] = await client.readContract({ ...escrow, functionName: 'balanceOf', args })
    return { free, locked }
  }
  const [tasker, found, arbiter, watcher, treasury, burned] = await Promise.all([
    of(accounts.tasker.address),
    of(provider),
    of(accounts.arbiter.address),
    of(accounts.watcher.address),
    of(accounts.treasury.address),
    client.readContract({ ...escrow, functionName: 'sink', args: [deployment.token] }),
  ])
  return { tasker, provider: found, arbiter, watcher, treasury, burned }
}

/** Who has how much more than before; with what was burned it adds up to nothing. */
export function changes(before: Balances, after: Balances): Record<keyof Balances, bigint> {
  const of = (who: Exclude<keyof Balances, 'burned'>) =>
    after[who].free + after[who].locked - before[who].free - before[who].locked
  return {
    tasker: of('tasker'),
    provider: of('provider'),
    arbiter: of('arbiter'),
    watcher: of('watcher'),
    treasury: of('treasury'),
    burned: after.burned - before.burned,
  }
}

/** All changes together: nothing, where nothing got lost. */
export const sumOf = (changes: Record<keyof Balances, bigint>): bigint =>
  Object.values(changes).reduce((sum, change) => sum + change, 0n)

/** What each of some had free before and after, a line each; the liar is the `provider`. */
export function drawBalances(
  token: Token,
  before: Balances,
  after: Balances,
  rows: readonly (readonly [name: string, who: keyof Balances])[],
): string[] {
  const free = (balances: Balances, who: keyof Balances) =>
    who === 'burned' ? balances.burned : balances[who].free
  return [
    'Free balances before and after:',
    ...rows.map(
      ([name, who]) =>
        `  ${name.padEnd(8)}  ${formatAmount(free(before, who), token)} → ${formatAmount(free(after, who), token)}`,
    ),
  ]
}
