import { approveCall, type Call, depositCall, mintCall } from '@millrace/sdk'
import { type Account, type Address, createPublicClient, createWalletClient, http } from 'viem'
import type { Deployment } from '../deploy.ts'
import { stackChain } from './deployContracts.ts'

export interface FundParameters {
  readonly rpc: string
  readonly deployment: Deployment
  /** Pays: it may mint the test token. */
  readonly from: Account
  readonly accounts: readonly Address[]
  /** Base units for each account, free in the escrow, and the same again in its wallet. */
  readonly amount: bigint
}

/** Gives accounts test money. One sender for all, so that nobody's nonces move. */
export async function fundAccounts({
  rpc,
  deployment,
  from,
  accounts,
  amount,
}: FundParameters): Promise<void> {
  const { token, escrow } = deployment
  const chain = stackChain(rpc)
  const transport = http(rpc)
  const wallet = createWalletClient({ chain, transport, account: from })
  const publicClient = createPublicClient({ chain, transport, pollingInterval: 10 })
  const total = amount * BigInt(accounts.length)
  const calls: Call[] = [
    mintCall({ token, to: from.address, amount: total }),
    approveCall({ token, spender: escrow, amount: total }),
    ...accounts.flatMap((account) => [
      depositCall({ escrow, token, amount, account }),
      mintCall({ token, to: account, amount }),
    ]),
  ]
  for (const { to, data, label } of calls) {
    const hash = await wallet.sendTransaction({ to, data })
    const { status } = await publicClient.waitForTransactionReceipt({ hash })
    if (status !== 'success')
      throw new Error(`${label} failed while accounts were funded (transaction ${hash}).`)
  }
}
