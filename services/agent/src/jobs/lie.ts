/** The dishonest provider of a development stack: the result of a run that was altered at one step. */
import type { Tamper } from '@millrace/machine/steps'
import type { RunOutcome } from '@millrace/runner'
import { concatHex, hexToNumber, keccak256, sliceHex } from 'viem'
import type { OpenTrace, TraceSource } from '../defence/source.ts'

/** How an altered run came out. */
export type Lie = Pick<RunOutcome, 'status' | 'fuelUsed' | 'output'> & {
  readonly tamper: Tamper
  /** What was altered, for the log. */
  readonly altered: { readonly place: string; readonly was: string; readonly is: string } | undefined
}

/**
 * Alters a slot of the stack at a step that follows from the job alone, so that the result is another one; rather one
 * that nobody sees at a glance.
 *
 * @returns nothing where no such alteration was found
 */
export async function findLie(source: TraceSource, open: OpenTrace): Promise<Lie | undefined> {
  const trace = await open(source)
  try {
    const lie = await trace.findLie(seedOf(source))
    if (!lie) return undefined
    const { tamper, ending, output, altered } = lie
    return { status: ending.status, fuelUsed: ending.fuelUsed, output, tamper, altered }
  } finally {
    await trace.close()
  }
}

/** 31 bits of the job's own: the same job is lied about in the same way. */
function seedOf({ program, input }: TraceSource): number {
  const hash = keccak256(concatHex([keccak256(program), keccak256(input)]))
  return hexToNumber(sliceHex(hash, 0, 4)) >>> 1
}
