/** Finds a dishonest machine whose result is a lie that somebody might tell. */
import { decodeOutput } from '../io/output.ts'
import { Dice } from '../random/dice.ts'
import type { Ending } from './ending.ts'
import type { Outcome, Tamper, TamperField } from './tamper.ts'
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

/** At most, and each half a run about. */
const TRIES = 400
/** Steps that a lie is looked for that is as good as possible. */
const STEPS = 2n ** 33n

/**
 * The first dishonest machine, of those drawn, that ends as the honest one does, after about as many steps, with another
 * output of the same exit code, and whose wrong step leaves another value than it should. Else the best that was found:
 * one that is seen less easily, or whose result differs at all and can be read; undefined if there is none of these
 * either.
 */
export async function findLie({ field = 'stack', seed, ...options }: LieOptions): Promise<Lie | undefined> {
  const honest = await Trace.open(options)
  const truth = { ...(await honest.ending()), output: await honest.output() }
  const dice = new Dice(seed)
  let best: { readonly tamper: Tamper; readonly worth: number } | undefined
  let spent = 0n
  for (let i = 0; i < TRIES && best?.worth !== WORTH.visible; i++) {
    const tamper = { step: 1n + (dice.bits(64) % truth.steps), field, seed: dice.below(2 ** 31) }
    const told = await honest.tryOut(tamper)
    if (told && differs(told, truth) && decodes(told.output)) {
      const likely = isLikely(told, truth)
      const worth = !likely
        ? WORTH.readable
        : (await isVisible(honest, tamper))
          ? WORTH.visible
          : WORTH.likely
      if (worth > (best?.worth ?? 0)) best = { tamper, worth }
    }
    spent += truth.steps
    if (best && spent > STEPS) break
  }
  if (!best) return undefined
  const liar = honest.by(best.tamper)
  return {
    tamper: best.tamper,
    ending: await liar.ending(),
    output: await liar.output(),
    altered: await liar.lie(),
  }
}

const WORTH = { readable: 1, likely: 2, visible: 3 } as const

function differs(a: Outcome, b: Outcome): boolean {
  return a.status !== b.status || a.fuelUsed !== b.fuelUsed || !isSame(a.output, b.output)
}

function isLikely(told: Outcome, truth: Outcome): boolean {
  return (
    told.status === truth.status &&
    !isSame(told.output, truth.output) &&
    // A game over them is played on the same grids.
    levelOf(told.steps) === levelOf(truth.steps) &&
    decodeOutput(told.output).exitCode === decodeOutput(truth.output).exitCode
  )
}

/** Whether what was altered is what the step before has just left: a person sees that it is wrong. */
async function isVisible(honest: Trace, tamper: Tamper): Promise<boolean> {
  const [altered, { results }] = [await honest.by(tamper).lie(), await honest.lookAt(tamper.step - 1n)]
  return altered?.place === 'stack' && results.length === 1 && altered.was === `0x${results[0]!.toString(16)}`
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

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i])
