/** What a game is about, and what a provider shows for its result, as `Computation.sol` has them. */
import { encodeAbiParameters, type Hex, keccak256 } from 'viem'
import type { Job } from '../documents/job.ts'
import type { Result } from '../documents/result.ts'
import type { Ending } from './tracer.ts'

/** Of job and result, all that the machine knows. */
export interface Computation {
  readonly programRoot: Hex
  /** Commitment. */
  readonly input: Hex
  /** Limit. */
  readonly fuel: bigint
  readonly outputMax: number
  /** As a Result says it. */
  readonly status: number
  readonly fuelUsed: bigint
  /** Commitment. */
  readonly output: Hex
}

/** The provider's first move. What can be derived of it is left out: calldata is what a move costs. */
export interface Defence {
  /** The job's limit. */
  readonly fuel: bigint
  /** Each section is 32^level steps. */
  readonly level: number
  /** What the program root stands for. */
  readonly code: Hex
  readonly memory_: Hex
  readonly slots: Hex
  readonly pages: Hex
  /** Commitment. */
  readonly input: Hex
  /** Of the last state, whose code and input are the job's. */
  readonly registers: Hex
  readonly sizes: Hex
  readonly stack: Hex
  readonly lastMemory: Hex
  readonly lastSlots: Hex
  /** Of the least tree over the output's bytes. */
  readonly outputRoot: Hex
  /** After each section but the last. */
  readonly states: readonly Hex[]
}

export function computationOf(job: Job, result: Result): Computation {
  const { programRoot, input, fuel, outputMax } = job
  const { status, fuelUsed, output } = result
  return { programRoot, input, fuel, outputMax, status, fuelUsed, output }
}

const TYPES = ['bytes32', 'bytes32', 'uint64', 'uint32', 'uint8', 'uint64', 'bytes32'].map((type) => ({
  type,
}))

/** What stands contested until the provider defends. */
export function computationHash(computation: Computation): Hex {
  const { programRoot, input, fuel, outputMax, status, fuelUsed, output } = computation
  return keccak256(
    encodeAbiParameters(TYPES, [programRoot, input, fuel, outputMax, status, fuelUsed, output]),
  )
}

/** Whether a run came out as the result says. */
export function cameOut(ending: Ending, contested: Computation): boolean {
  return (
    ending.programRoot === contested.programRoot &&
    ending.status === contested.status &&
    ending.fuelUsed === contested.fuelUsed &&
    ending.output === contested.output
  )
}

/**
 * @param level of the first split
 * @param states after each of its sections but the last
 */
export function defenceOf(
  contested: Computation,
  ending: Ending,
  level: number,
  states: readonly Hex[],
): Defence {
  const { program, last } = ending
  return {
    fuel: contested.fuel,
    level,
    code: program.code,
    memory_: program.memory,
    slots: program.slots,
    pages: program.pages,
    input: contested.input,
    registers: last.registers,
    sizes: last.sizes,
    stack: last.stack,
    lastMemory: last.memory,
    lastSlots: last.slots,
    outputRoot: ending.outputRoot,
    states,
  }
}
