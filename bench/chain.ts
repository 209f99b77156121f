// A chain in this process with the real contracts on it.
import { approveCall, depositCall, mintCall } from '@millrace/sdk'
import hre from 'hardhat'
import {
  type Abi,
  type Address,
  createPublicClient,
  createWalletClient,
  custom,
  type Hex,
  type PublicClient,
  type TransactionReceipt,
} from 'viem'
import type { HDAccount } from 'viem/accounts'
import { hardhat } from 'viem/chains'
import { type Deployment, deploy } from '../scripts/deploy.ts'
import { buildContracts } from '../scripts/stack/buildContracts.ts'
import { developmentAccount } from '../scripts/stack/development-accounts.ts'

export interface Chain {
  contracts: Deployment
  client: PublicClient
  chainId: number
  /** Mines one transaction, the deployer's unless said otherwise, and gives its receipt. A revert throws. */
  send(call: { to: Hex; data: Hex }, from?: HDAccount): Promise<TransactionReceipt>
  /** Deploys a contract that is not the market's. */
  deploy(contract: { abi: Abi; bytecode: Hex }, args?: readonly unknown[]): Promise<Address>
  /** Mints `amount` of the test token for the account and deposits it. */
  fund(account: HDAccount, amount: bigint): Promise<void>
  /** Unix seconds of the newest block. */
  now(): Promise<bigint>
  /** Moves the chain's clock on by so many seconds and mines a block. */
  pass(seconds: bigint): Promise<void>
}

export async function startChain(): Promise<Chain> {
  await buildContracts()
  const { provider } = await hre.network.create()
  const transport = custom(provider as Parameters<typeof custom>[0])
  const client = createPublicClient({ chain: hardhat, transport, pollingInterval: 5 })
  const deployer = developmentAccount(0)
  const wallet = createWalletClient({ chain: hardhat, transport, account: deployer })
  const contracts = await deploy({ publicClient: client, walletClient: wallet })
  const { escrow, token } = contracts

  const send: Chain['send'] = async ({ to, data }, account = deployer) => {
    const hash = await wallet.sendTransaction({ to, data, account })
    const receipt = await client.waitForTransactionReceipt({ hash })
    if (receipt.status !== 'success') throw new Error(`Transaction ${hash} to ${to} reverted.`)
    return receipt
  }
  return {
    contracts,
    client,
    chainId: hardhat.id,
    send,
    async deploy(contract, args = []) {
      const hash = await wallet.deployContract({ ...contract, args })
      return (await client.waitForTransactionReceipt({ hash })).contractAddress!
    },
    now: async () => (await client.getBlock()).timestamp,
    async fund(account, amount) {
      await send(mintCall({ token, to: account.address, amount }), account)
      await send(approveCall({ token, spender: escrow, amount }), account)
      await send(depositCall({ escrow, token, amount, account: account.address }), account)
    },
    async pass(seconds) {
      await provider.request({ method: 'evm_increaseTime', params: [Number(seconds)] })
      await provider.request({ method: 'evm_mine', params: [] })
    },
  }
}
