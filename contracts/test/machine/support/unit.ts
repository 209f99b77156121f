// The float unit as built for a chain, on a chain of its own.
import { network } from 'hardhat'
import { deployHelper } from './compile.ts'

export interface Outcome {
  /** Null where it traps. */
  readonly slot: bigint | null
  /** Of the whole call, from a contract that called it before. */
  readonly gas: number
}

export async function deployUnit() {
  const { ethers } = await network.create()
  const unit = await ethers.deployContract('FloatUnit')
  const batch = await deployHelper(ethers, 'FloatBatch', [await unit.getAddress()])

  /** Runs the instruction on each pair; of unary ones, the second operand is anything. */
  const compute = async (
    { opcode }: { opcode: number | bigint },
    pairs: readonly (readonly [bigint, bigint])[],
  ) => {
    const outcomes: Outcome[] = []
    for (let from = 0; from < pairs.length; from += PAIRS_A_CALL) {
      const operands = new BigUint64Array(pairs.slice(from, from + PAIRS_A_CALL).flat())
      const answer: string = await batch.getFunction('compute')(opcode, bigEndian(operands))
      outcomes.push(...outcomesIn(Buffer.from(answer.slice(2), 'hex')))
    }
    return outcomes
  }
  return { unit, compute }
}

/** Ten times as many take longer than ten calls: the chain keeps a trace of each call. */
const PAIRS_A_CALL = 500

function bigEndian(operands: BigUint64Array): Uint8Array {
  return Buffer.from(operands.buffer).swap64()
}

function outcomesIn(answer: Buffer): Outcome[] {
  return Array.from({ length: answer.length / 16 }, (_, place) => {
    const traps = answer.readUInt8(16 * place + 7)
    if (traps === 255) throw new Error('the float unit reverted')
    return {
      slot: traps ? null : answer.readBigUInt64BE(16 * place + 8),
      gas: answer.readUIntBE(16 * place + 1, 6),
    }
  })
}
