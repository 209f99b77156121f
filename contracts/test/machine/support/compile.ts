// Contracts that only tests call: Hardhat builds none of them with the contracts for a chain, and forge is not everywhere.
import { readFile } from 'node:fs/promises'
import type { network } from 'hardhat'
import solc from 'solc'

type Ethers = Awaited<ReturnType<typeof network.create>>['ethers']

/** Compiles `<name>.sol` of this folder and deploys it. */
export async function deployHelper(ethers: Ethers, name: string, args: readonly unknown[]) {
  const { abi, bytecode } = await compileHelper(name)
  const factory = await ethers.getContractFactory(abi, bytecode)
  return factory.deploy(...args)
}

export async function compileHelper(name: string) {
  const content = await readFile(new URL(`${name}.sol`, import.meta.url), 'utf8')
  const settings = {
    optimizer: { enabled: true },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
  }
  const input = { language: 'Solidity', sources: { helper: { content } }, settings }
  const { contracts } = JSON.parse(solc.compile(JSON.stringify(input)))
  const { abi, evm } = contracts.helper[name]
  return { abi, bytecode: `0x${evm.bytecode.object}` as const }
}
