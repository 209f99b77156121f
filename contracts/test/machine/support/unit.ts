// The float unit as built for a chain, on a chain of its own.
import { network } from 'hardhat'
import { decodeOutcomes, encodePairs, type Pairs } from './answers.ts'
import { deployHelper } from './compile.ts'

/** Ten times as many take longer than ten calls: the chain keeps a trace of each call. */
const PAIRS_A_CALL = 500

export async function deployUnit() {
  const { ethers } = await network.create()
  const unit = await ethers.deployContract('FloatUnit')
  const batch = await deployHelper(ethers, 'FloatBatch', [await unit.getAddress()])

  /** Runs the instruction on each pair; of unary ones, the second operand is anything. */
  const compute = async ({ opcode }: { opcode: number | bigint }, pairs: Pairs) => {
    const outcomes: Buffer[] = []
    for (let from = 0; from < pairs.length; from += 2 * PAIRS_A_CALL) {
      const encoded = encodePairs(pairs.subarray(from, from + 2 * PAIRS_A_CALL))
      const answer: string = await batch.getFunction('compute')(opcode, encoded)
      outcomes.push(Buffer.from(answer.slice(2), 'hex'))
    }
    return decodeOutcomes(Buffer.concat(outcomes))
  }
  return { unit, compute }
}
