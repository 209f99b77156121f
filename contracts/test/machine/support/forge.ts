// The float unit as built for a chain, in forge's EVM: it keeps no trace of what a test calls, and so takes a
// twentieth of the time that Hardhat's takes.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { artifacts } from 'hardhat'
import { type Answers, decodeOutcomes, encodePairs, type Pairs } from './answers.ts'
import type { Instruction } from './instructions.ts'

const project = path.resolve(import.meta.dirname, '../../../..')
const forge = path.join(project, 'node_modules/.bin/forge')

/** npm has it not for every kind of machine. */
export const forgeIsThere = existsSync(forge)

/** A project of its own, so that what stands in it needs no compiling beside all other tests. */
const SETTINGS = `
[profile.default]
src = "."
test = "."
libs = []
solc = ${JSON.stringify(path.join(project, 'scripts/solc.mjs'))}
offline = true
evm_version = "prague"
gas_limit = "18446744073709551615"
memory_limit = 1_073_741_824
lint = { lint_on_build = false }
fs_permissions = [{ access = "read-write", path = "." }]
`
const TEST = `// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;
import {FloatFile} from "./FloatFile.sol";
contract Run is FloatFile {}
`

/** Files for forge in a folder that `close` removes. */
export async function openForge() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'millrace-floats-'))
  const file = (name: string) => path.join(folder, name)
  const { bytecode } = await artifacts.readArtifact('FloatUnit')
  await writeFile(file('foundry.toml'), SETTINGS)
  await writeFile(file('Run.t.sol'), TEST)
  await writeFile(file('unit'), Buffer.from(bytecode.slice(2), 'hex'))
  for (const name of ['FloatBatch.sol', 'FloatFile.sol']) {
    await copyFile(path.join(import.meta.dirname, name), file(name))
  }

  /** Runs the instruction on each pair; of unary ones, the second operand is anything. */
  const compute = async ({ opcode }: Instruction, pairs: Pairs): Promise<Answers> => {
    await rm(file('outcomes'), { force: true })
    await writeFile(file('pairs'), encodePairs(pairs))
    const env = { ...process.env, FOUNDRY_PROFILE: 'default', OPCODE: `${opcode}` }
    try {
      await promisify(execFile)(forge, ['test', '--root', folder], { env })
    } catch (error) {
      // It says on stdout what went wrong.
      throw new Error(`forge could not run the float unit: ${(error as { stdout?: string }).stdout}`, {
        cause: error,
      })
    }
    return decodeOutcomes(await readFile(file('outcomes')))
  }
  const close = () => rm(folder, { recursive: true })
  return { compute, close }
}
