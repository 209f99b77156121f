// A machine that counts, so that of a run of 2^40 steps every state is at hand.

import { AbiCoder, type Contract, id, keccak256, ZeroHash } from 'ethers'
import type { Hex } from 'viem'
import { gridOf, levelOf, SECTIONS } from '../../../sdk/src/proof/split.ts'
import { deployHelper } from '../machine/support/compile.ts'
import type { Ethers, Run } from './proofGames.ts'

export const countingMachine = async (ethers: Ethers) =>
  (await deployHelper(ethers, 'ProofMachine', [])) as unknown as Contract

const coder = AbiCoder.defaultAbiCoder()
const word = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}`
const hashOf = (words: readonly string[]) =>
  keccak256(
    coder.encode(
      words.map(() => 'bytes32'),
      words,
    ),
  ) as Hex
const STATE = 'tuple(bytes32,bytes32,bytes32,tuple(bytes32,bytes32,bytes32,bytes32,bytes32))'

/** A run of so many steps on the machine that counts. From step `wrongAfter` on it is somebody's lie. */
export function countingRun(steps: bigint, wrongAfter?: bigint) {
  const program = { code: id('a program'), memory_: ZeroHash, slots: ZeroHash, pages: ZeroHash }
  const programRoot = hashOf(Object.values(program))
  const sizes = word(1_000n << 64n)
  const fuel = steps / 32n + 1_000n
  const output = hashOf([program.code, word(steps)])
  const stateAt = (step: bigint) => {
    const at = step < steps ? step : steps
    const lies = wrongAfter !== undefined && at > wrongAfter
    return {
      registers: word(at === steps ? 1n : 0n),
      code: program.code,
      stack: word(at),
      world: {
        sizes,
        memory_: word(steps),
        // The lie: it used a unit less.
        slots: word(lies ? 1_001n : 1_000n),
        input: word(steps),
        output,
      },
    }
  }
  const hashAt = (step: bigint) => {
    const { registers, code, stack, world } = stateAt(step)
    return hashOf([id('millrace.state'), registers, code, stack, hashOf(Object.values(world))])
  }
  const run: Run = { statesAt: async (all) => all.map(hashAt) }
  const witness = (step: bigint) => {
    const { registers, code, stack, world } = stateAt(step)
    return coder.encode([STATE], [[registers, code, stack, Object.values(world)]])
  }
  const contested = {
    programRoot,
    input: word(steps),
    fuel,
    outputMax: 1_000n,
    status: 0n,
    fuelUsed: fuel - BigInt(stateAt(steps).world.slots),
    output,
  }
  const level = levelOf(contested.fuelUsed)
  const defence = async () => {
    const { registers, stack, world } = stateAt(steps)
    return {
      fuel,
      level: level - 1,
      ...program,
      input: world.input,
      registers,
      sizes,
      stack,
      lastMemory: world.memory_,
      lastSlots: world.slots,
      outputRoot: output,
      states: await run.statesAt(gridOf(level - 1).slice(0, SECTIONS - 1)),
    }
  }
  return { run, witness, contested, defence, hashAt, level }
}
