/** The dishonest provider of a development stack: the result of a run that was altered at one step. */
import { commit } from '@millrace/machine'
import type { Tamper } from '@millrace/machine/steps'
import type { RunOutcome } from '@millrace/runner'
import { levelOf } from '@millrace/sdk'
import { concatHex, type Hex, hexToBigInt, keccak256, numberToHex } from 'viem'
import type { OpenTrace, TraceSource } from '../defence/source.ts'

/** How an altered run came out. */
export type Lie = Pick<RunOutcome, 'status' | 'fuelUsed' | 'output'> & { readonly tamper: Tamper }

/** Most alterations do no harm: so many are tried. */
const TRIES = 24

/**
 * Alters a slot of the stack at a step that follows from the job alone, until the result is another one; rather one of
 * the honest status and about the honest length, which nobody sees at a glance.
 *
 * @returns nothing where no such alteration was found
 */
export async function findLie(
  source: TraceSource,
  honest: Pick<RunOutcome, 'status' | 'fuelUsed' | 'output'>,
  open: OpenTrace,
): Promise<Lie | undefined> {
  const steps = await using(open, source, async (trace) => (await trace.ending()).steps)
  const draw = drawing(keccak256(concatHex([keccak256(source.program), keccak256(source.input)])))
  const output = commit(honest.output)
  let found: Lie | undefined
  for (let seed = 0; seed < TRIES; seed++) {
    const tamper: Tamper = { step: draw() % steps, field: 'stack', seed }
    const lie = await using(open, { ...source, tamper }, async (trace): Promise<Lie | undefined> => {
      const { status, fuelUsed, output: came } = await trace.ending()
      if (status === honest.status && fuelUsed === honest.fuelUsed && came === output) return undefined
      return { status, fuelUsed, output: await trace.output(), tamper }
    })
    if (!lie) continue
    found ??= lie
    const isPlain = lie.status !== honest.status || levelOf(lie.fuelUsed) !== levelOf(honest.fuelUsed)
    if (!isPlain && commit(lie.output) !== output) return lie
  }
  return found
}

async function using<T>(
  open: OpenTrace,
  source: TraceSource,
  work: (trace: Awaited<ReturnType<OpenTrace>>) => Promise<T>,
): Promise<T> {
  const trace = await open(source)
  try {
    return await work(trace)
  } finally {
    await trace.close()
  }
}

/** Numbers that look random, the same each time. */
function drawing(seed: Hex): () => bigint {
  let count = 0
  return () => hexToBigInt(keccak256(concatHex([seed, numberToHex(count++, { size: 32 })])))
}
