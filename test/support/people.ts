/** Who trades in a test: accounts of their own, with money, that no part of the stack uses. */
import { type ConnectOptions, connect, type Millrace } from '@millrace/sdk'
import type { Address, LocalAccount } from 'viem'
import { developmentAccount, FIRST_FREE_POSITION } from '../../scripts/stack/development-accounts.ts'
import { fundAccounts } from '../../scripts/stack/fundAccounts.ts'
import type { Stack } from '../../scripts/stack/startStack.ts'

export const TEST = 10n ** 18n

/** Hardhat's node mines at once: asking it seldom would be all waiting. Milliseconds. */
const POLLING = 20

export type Person = Millrace & { readonly account: LocalAccount; readonly address: Address }

/** Connects an account to the stack's market. */
export async function enter(
  { urls }: Stack,
  account: LocalAccount,
  options: Partial<ConnectOptions> = {},
): Promise<Person> {
  const millrace = await connect({ matcher: urls.matcher, account, pollingInterval: POLLING, ...options })
  return { ...millrace, account, address: account.address.toLowerCase() as Address }
}

let position = FIRST_FREE_POSITION

/** Somebody new, with `amount` free in the escrow and the same again in the wallet. */
export async function newcomer(
  stack: Stack,
  amount = 1_000n * TEST,
  options: Partial<ConnectOptions> = {},
): Promise<Person> {
  const account = developmentAccount(position++)
  const { urls, deployment, accounts } = stack
  if (amount > 0n) {
    const from = accounts.deployer
    await fundAccounts({ rpc: urls.rpc, deployment, from, accounts: [account.address], amount })
  }
  return enter(stack, account, options)
}
