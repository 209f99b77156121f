/** Whether the money for something is there, and getting it there. */
import type { Address } from 'viem'
import { deposit } from '../actions/deposit.ts'
import { getBalance } from '../actions/getFunds.ts'
import { accountOf, type MillraceClient } from '../client/client.ts'
import type { SentTransaction } from '../client/transact.ts'
import { InsufficientFundsError } from '../errors/contracts/escrow.ts'

/** `auto` deposits what is missing from the account's own tokens; `never` says how much is missing. */
export type DepositPolicy = 'auto' | 'never'

/** Sees to it that `needed` is free in the escrow. */
export async function ensureFunds(
  client: MillraceClient,
  { token, needed, policy }: { token: Address; needed: bigint; policy: DepositPolicy },
): Promise<(SentTransaction & { credited: bigint }) | undefined> {
  const { address } = accountOf(client, 'running a job')
  const { free } = await getBalance(client, { token })
  if (free >= needed) return undefined
  if (policy === 'auto') return deposit(client, { token, amount: needed - free })
  throw new InsufficientFundsError({ token, account: address, free, wanted: needed })
}
