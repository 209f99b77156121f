/** The compiled contracts, as `hardhat build` leaves them. */
import { readFile } from 'node:fs/promises'
import type { Abi, Hex } from 'viem'

const FOLDER = new URL('../../artifacts/contracts/', import.meta.url)

/** Where each contract's source is. */
const SOURCES = {
  Escrow: 'Escrow.sol/Escrow',
  Leases: 'Leases.sol/Leases',
  Disputes: 'Disputes.sol/Disputes',
  Demands: 'Demands.sol/Demands',
  ArbiterScheme: 'schemes/ArbiterScheme.sol/ArbiterScheme',
  ProofScheme: 'schemes/ProofScheme.sol/ProofScheme',
  Machine: 'machine/Machine.sol/Machine',
  TestToken: 'tokens/TestToken.sol/TestToken',
} as const

export type ContractName = keyof typeof SOURCES

export const CONTRACTS = Object.keys(SOURCES) as ContractName[]

/** Their source files, from the repository's root. */
export const CONTRACT_FILES = Object.values(SOURCES).map((path) => `contracts/${path.replace(/\/\w+$/, '')}`)

export interface Artifact {
  abi: Abi
  bytecode: Hex
}

export async function readArtifact(name: ContractName): Promise<Artifact> {
  const file = new URL(`${SOURCES[name]}.json`, FOLDER)
  try {
    const { abi, bytecode } = JSON.parse(await readFile(file, 'utf8'))
    return { abi, bytecode }
  } catch (cause) {
    throw new Error(`${name} is not compiled. Run \`npx hardhat build\` first.`, { cause })
  }
}
