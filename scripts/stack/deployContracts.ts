import { type Account, type Chain, createPublicClient, createWalletClient, defineChain, http } from 'viem'
import { type Deployment, deploy } from '../deploy.ts'

/** Of Hardhat's node. */
export const CHAIN_ID = 31_337

export function stackChain(rpc: string): Chain {
  return defineChain({
    id: CHAIN_ID,
    name: 'Millrace development',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpc] } },
  })
}

/** Deploys the contracts to the stack's chain, from an account that has Ether there. */
export async function deployContracts(rpc: string, account: Account): Promise<Deployment> {
  const chain = stackChain(rpc)
  const transport = http(rpc)
  // Hardhat mines a block a transaction: the default of four seconds would be all waiting.
  const publicClient = createPublicClient({ chain, transport, pollingInterval: 10 })
  const walletClient = createWalletClient({ chain, transport, account })
  return deploy({ publicClient, walletClient })
}
