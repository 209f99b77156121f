/** The stack's chain in a test's hands: its clock and its books. */
import { escrowAbi, leasesAbi } from '@millrace/sdk/abi'
import {
  type Address,
  createTestClient,
  erc20Abi,
  type Hex,
  http,
  type PublicActions,
  parseEventLogs,
  publicActions,
  type TestClient,
} from 'viem'
import { stackChain } from '../../scripts/stack/deployContracts.ts'
import type { Stack } from '../../scripts/stack/startStack.ts'

export type ChainControl = TestClient & PublicActions

const controls = new WeakMap<Stack, ChainControl>()

export function chainOf(stack: Stack): ChainControl {
  const known = controls.get(stack)
  if (known) return known
  const { rpc } = stack.urls
  const options = {
    mode: 'hardhat',
    chain: stackChain(rpc),
    transport: http(rpc),
    pollingInterval: 20,
  } as const
  const control = createTestClient(options).extend(publicActions) as unknown as ChainControl
  controls.set(stack, control)
  return control
}

/** Moves the chain's clock to a time, if it is not past that already. Unix seconds. */
export async function warpTo(stack: Stack, time: bigint): Promise<void> {
  const chain = chainOf(stack)
  const { timestamp } = await chain.getBlock()
  if (timestamp >= time) return
  await chain.setNextBlockTimestamp({ timestamp: time })
  await chain.mine({ blocks: 1 })
}

/** How often a bid became a lease, as the chain knows. */
export async function openingsOf(stack: Stack, bid: Hex): Promise<number> {
  const { leases: address } = stack.deployment
  const query = { address, abi: leasesAbi, eventName: 'Opened', args: { bid }, fromBlock: 0n } as const
  return (await chainOf(stack).getContractEvents(query)).length
}

export interface Balance {
  readonly free: bigint
  readonly locked: bigint
}

/** What an account has in the escrow. */
export async function balanceOf(stack: Stack, account: Address): Promise<Balance> {
  const { escrow: address, token } = stack.deployment
  const read = { address, abi: escrowAbi, functionName: 'balanceOf', args: [account, token] } as const
  const [free, locked] = await chainOf(stack).readContract(read)
  return { free, locked }
}

/** What was burned: the escrow keeps it, and nobody owns it. */
export function burned(stack: Stack): Promise<bigint> {
  const { escrow: address, token } = stack.deployment
  return chainOf(stack).readContract({ address, abi: escrowAbi, functionName: 'sink', args: [token] })
}

/** Free balances by name, and what was burned: subtract two of them for what happened in between. */
export async function freeOf<Name extends string>(
  stack: Stack,
  accounts: Readonly<Record<Name, Address>>,
): Promise<Record<Name | 'burned', bigint>> {
  const entries = Object.entries<Address>(accounts).map(
    async ([name, account]) => [name, (await balanceOf(stack, account)).free] as const,
  )
  const free = Object.fromEntries(await Promise.all(entries))
  return { ...free, burned: await burned(stack) } as Record<Name | 'burned', bigint>
}

/** The change of each figure. */
export function changes<Name extends string>(
  before: Readonly<Record<Name, bigint>>,
  after: Readonly<Record<Name, bigint>>,
): Record<Name, bigint> {
  const names = Object.keys(before) as Name[]
  const change = (name: Name): bigint => BigInt(after[name]) - BigInt(before[name])
  return Object.fromEntries(names.map((name) => [name, change(name)])) as Record<Name, bigint>
}

export interface Books {
  readonly deposited: bigint
  readonly withdrawn: bigint
  /** Of the token, in the escrow's hands. */
  readonly held: bigint
  /** Over all accounts that were ever credited, by a deposit or by the payment of a lease. */
  readonly free: bigint
  readonly locked: bigint
  readonly burned: bigint
}

/** The whole escrow, from its events and its balances. `others` were never depositors but may have earned. */
export async function booksOf(stack: Stack, others: readonly Address[]): Promise<Books> {
  const { escrow, token } = stack.deployment
  const chain = chainOf(stack)
  const logs = parseEventLogs({
    abi: escrowAbi,
    logs: await chain.getLogs({ address: escrow, fromBlock: 0n }),
  })
  const deposits = logs.flatMap((log) => (log.eventName === 'Deposited' ? [log.args] : []))
  const withdrawals = logs.flatMap((log) => (log.eventName === 'Withdrawn' ? [log.args] : []))
  const accounts = new Set(
    [...deposits.map(({ account }) => account), ...others].map((one) => one.toLowerCase()),
  )
  const balances = await Promise.all([...accounts].map((account) => balanceOf(stack, account as Address)))
  const read = { address: token, abi: erc20Abi, functionName: 'balanceOf', args: [escrow] } as const
  return {
    deposited: sum(deposits.map(({ amount }) => amount)),
    withdrawn: sum(withdrawals.map(({ amount }) => amount)),
    held: await chain.readContract(read),
    free: sum(balances.map(({ free }) => free)),
    locked: sum(balances.map(({ locked }) => locked)),
    burned: await burned(stack),
  }
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n)
