/**
 * Deploys the contracts, out of the compiled artifacts. The four that make the market name each other for good
 * (no owner, nothing to set later), so their addresses are computed from the deployer's nonce before the first
 * one is sent: nobody else may use the deployer's account meanwhile.
 */
import { type Account, type Address, getContractAddress, type PublicClient, type WalletClient } from 'viem'
import { type ContractName, readArtifact } from './generate/artifacts.ts'

export interface DeployParameters {
  publicClient: PublicClient
  /** With an account that has the gas. */
  walletClient: WalletClient
  /** The token for development, which anybody may mint. */
  token?: { name: string; symbol: string; decimals: number }
}

export interface Deployment {
  escrow: Address
  leases: Address
  disputes: Address
  demands: Address
  arbiterScheme: Address
  /** One step of the provable machine. */
  machine: Address
  /** Over that machine. */
  proofScheme: Address
  /** The token for development. */
  token: Address
  /** The block to index from. */
  block: bigint
}

export const TEST_TOKEN = { name: 'Millrace Test', symbol: 'TEST', decimals: 18 }

export async function deploy(parameters: DeployParameters): Promise<Deployment> {
  const { publicClient, walletClient, token = TEST_TOKEN } = parameters
  const account = walletClient.account
  if (!account) throw new TypeError('The wallet client has no account to deploy from.')
  const first = await publicClient.getTransactionCount({ address: account.address, blockTag: 'pending' })
  const block = await publicClient.getBlockNumber()
  const at = (place: number) => getContractAddress({ from: account.address, nonce: BigInt(first + place) })
  const [escrow, leases, disputes, demands, arbiterScheme, testToken, machine, proofScheme] = [
    0, 1, 2, 3, 4, 5, 6, 7,
  ].map(at) as Address8

  const plan: [ContractName, Address, unknown[]][] = [
    ['Escrow', escrow, [leases]],
    ['Leases', leases, [escrow, disputes, demands]],
    ['Disputes', disputes, [leases]],
    ['Demands', demands, [leases]],
    ['ArbiterScheme', arbiterScheme, []],
    ['TestToken', testToken, [token.name, token.symbol, token.decimals]],
    ['Machine', machine, []],
    ['ProofScheme', proofScheme, [machine]],
  ]
  for (const [place, [name, address, args]] of plan.entries()) {
    await deployOne(parameters, account, { name, address, args, nonce: first + place })
  }
  return { escrow, leases, disputes, demands, arbiterScheme, machine, proofScheme, token: testToken, block }
}

type Address8 = [Address, Address, Address, Address, Address, Address, Address, Address]

interface Step {
  name: ContractName
  address: Address
  args: unknown[]
  nonce: number
}

async function deployOne(
  { publicClient, walletClient }: DeployParameters,
  account: Account,
  step: Step,
): Promise<void> {
  const { abi, bytecode } = await readArtifact(step.name)
  const { args, nonce } = step
  const hash = await walletClient.deployContract({
    account,
    chain: walletClient.chain,
    abi,
    bytecode,
    args,
    nonce,
  })
  const receipt = await publicClient.waitForTransactionReceipt({ hash })
  if (receipt.status !== 'success' || receipt.contractAddress?.toLowerCase() !== step.address.toLowerCase()) {
    throw new Error(
      `${step.name} was not deployed at ${step.address} (transaction ${hash}, ${receipt.status}).`,
    )
  }
}
