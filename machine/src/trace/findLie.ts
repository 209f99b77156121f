/** Finds a dishonest machine whose result is a lie that somebody might tell. */
import { decodeOutput } from '../io/output.ts'
import { Dice } from '../testing/dice.ts'
import type { Ending } from './ending.ts'
import type { Tamper, TamperField } from './tamper.ts'
import { Trace, type TraceOptions } from './trace.ts'

export interface LieOptions extends Omit<TraceOptions, 'tamper'> {
  /** Else `stack`. */
  readonly field?: TamperField
  /** The same lie comes of the same seed, program, input and limits. */
  readonly seed: number
}

export interface Lie {
  readonly tamper: Tamper
  readonly ending: Ending
  readonly output: Uint8Array
  /** What was altered, where it can be said. */
  readonly altered: Awaited<ReturnType<Trace['lie']>>
}

/** Each costs about a run. */
const TRIES = 64

/**
 * The first dishonest machine, of those drawn, that ends as the honest one does, after about as many steps, with another
 * output of the same exit code, and whose wrong step leaves another value than it should. If none does, one is told apart
 * less easily, or whose result differs at all and can be read; undefined if there is none of these either.
 */
export async function findLie({ field = 'stack', seed, ...options }: LieOptions): Promise<Lie | undefined> {
  const honest = await Trace.open(options)
  const truth = { ending: await honest.ending(), output: await honest.output() }
  const dice = new Dice(seed)
  let best: { readonly lie: Lie; readonly worth: number } | undefined
  for (let i = 0; i < TRIES && best?.worth !== WORTH.visible; i++) {
    const step = 1n + (dice.bits(64) % truth.ending.steps)
    const tamper = { step, field, seed: dice.below(2 ** 31) }
    const liar = honest.by(tamper)
    const [ending, output, altered] = [await liar.ending(), await liar.output(), await liar.lie()]
    const lie = { tamper, ending, output, altered }
    if (!differs(lie.ending, truth.ending) || !decodes(lie.output)) continue
    const likely = isLikely(lie, truth)
    const worth = !likely ? WORTH.readable : (await isVisible(honest, lie)) ? WORTH.visible : WORTH.likely
    if (worth > (best?.worth ?? 0)) best = { lie, worth }
  }
  return best?.lie
}

const WORTH = { readable: 1, likely: 2, visible: 3 } as const

/** Whether what was altered is what the step before has just left: a person sees that it is wrong. */
async function isVisible(honest: Trace, { tamper, altered }: Lie): Promise<boolean> {
  if (altered?.place !== 'stack') return false
  const { results } = await honest.lookAt(tamper.step - 1n)
  return results.length === 1 && altered.was === `0x${results[0]!.toString(16)}`
}

function differs(a: Ending, b: Ending): boolean {
  return a.status !== b.status || a.fuelUsed !== b.fuelUsed || !isSame(a.output, b.output)
}

function isLikely(lie: Pick<Lie, 'ending' | 'output'>, truth: Pick<Lie, 'ending' | 'output'>): boolean {
  const [ending, honest] = [lie.ending, truth.ending]
  return (
    ending.status === honest.status &&
    !isSame(ending.output, honest.output) &&
    // A game over them is played on the same grids.
    levelOf(ending.steps) === levelOf(honest.steps) &&
    decodeOutput(lie.output).exitCode === decodeOutput(truth.output).exitCode
  )
}

function decodes(output: Uint8Array): boolean {
  try {
    decodeOutput(output)
    return true
  } catch {
    return false
  }
}

/** The least power of 32 that holds so many steps. */
function levelOf(steps: bigint): number {
  return Math.ceil((steps - 1n).toString(2).length / 5)
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, i) => byte === b[i])
